import { Client } from 'pg';
import { z } from 'zod';
import { raceAbort } from '../../core/abort.ts';
import { databaseAccess, urlAt } from '../../core/service-access.ts';
import type { RunningInfra } from '../../infra/provider.ts';
import type { ReportStored } from '../../journal/events.ts';
import type { EvidenceContext } from '../engine/run-engine.ts';
import { evidenceWithin } from './bounded.ts';

const timeoutMs = 10_000;

const result = z.object({ report: z.union([z.object({ user_id: z.string().optional(), sections: z.array(z.object({ name: z.string(), source: z.string() })).default([]) }), z.string()]) });

interface Row {
  readonly run_id: string;
  readonly user_id: string;
  readonly level: string;
  readonly result: string;
}

/** Whose each report of the run is, and who wrote its sections, from the database itself. */
export async function collectStoredReports(context: EvidenceContext): Promise<void> {
  const { infra, runId, journal } = context;
  const reports = await evidenceWithin(context, 'postgres', 'the stored reports', timeoutMs, (signal) => readStoredReports(infra, runId, signal));
  for (const report of reports ?? []) journal.append(report);
}

export async function readStoredReports(infra: Pick<RunningInfra, 'services' | 'hostEnvironment'>, runId: string, signal: AbortSignal): Promise<ReportStored[]> {
  const url = urlAt(infra.hostEnvironment.NETRA_DATABASE_URL ?? 'postgres://localhost', infra.services.postgres.direct);
  const client = new Client({ connectionString: url.href, ...databaseAccess(infra.hostEnvironment), connectionTimeoutMillis: timeoutMs, query_timeout: timeoutMs });
  // A connection that breaks rejects the query; without a listener it would end the process as well.
  client.on('error', () => undefined);
  try {
    await raceAbort(client.connect(), signal);
    const { rows } = await raceAbort(client.query<Row>('SELECT run_id, user_id, level, result FROM reports WHERE left(run_id, length($1)) = $1 ORDER BY run_id', [`${runId}-`]), signal);
    return rows.map(storedReport);
  } finally {
    await client.end().catch(() => undefined); // What was asked for is here; the connection ends with the process at the latest.
  }
}

/** Throws where the result is no JSON object with a report. */
export function storedReport(row: Row): ReportStored {
  const { report } = result.parse(JSON.parse(row.result));
  return {
    type: 'report.stored',
    job_id: row.run_id,
    user_id: row.user_id,
    document_user_id: typeof report === 'string' ? null : (report.user_id ?? null),
    level: row.level,
    sections: typeof report === 'string' ? [] : report.sections,
  };
}
