import pg from 'pg';
import { raceAbort } from '../../core/abort.ts';
import { databaseAccess, urlAt } from '../../core/service-access.ts';
import type { RunningInfra } from '../../infra/provider.ts';

const timeoutMs = 10_000;

/** Reports of each job of a run, counted in the database itself, beside the proxies. */
export async function countReports(infra: RunningInfra, runId: string, signal: AbortSignal): Promise<ReadonlyMap<string, number>> {
  const url = urlAt(infra.hostEnvironment.NETRA_DATABASE_URL ?? 'postgres://localhost', infra.services.postgres.direct);
  const client = new pg.Client({ connectionString: url.href, ...databaseAccess(infra.hostEnvironment), connectionTimeoutMillis: timeoutMs, query_timeout: timeoutMs });
  // A connection that breaks rejects the query; without a listener it would end the process as well.
  client.on('error', () => undefined);
  try {
    await raceAbort(client.connect(), signal);
    const { rows } = await raceAbort(client.query<{ run_id: string; reports: string }>('SELECT run_id, count(*) AS reports FROM reports WHERE run_id LIKE $1 GROUP BY run_id', [`${runId}-%`]), signal);
    return new Map(rows.map((row) => [row.run_id, Number(row.reports)]));
  } finally {
    await client.end().catch(() => undefined);
  }
}
