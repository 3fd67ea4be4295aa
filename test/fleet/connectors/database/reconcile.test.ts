import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../../src/core/clock.ts';
import type { RecordedWrite } from '../../../../src/fleet/connectors/database/fleet-database.ts';
import { PostgresDatabase } from '../../../../src/fleet/connectors/database/postgres-database.ts';
import { reconcile, reconcileTables } from '../../../../src/fleet/connectors/database/reconcile.ts';
import { ResilientDatabase } from '../../../../src/fleet/connectors/database/resilient-database.ts';
import { SqliteFallback } from '../../../../src/fleet/connectors/database/sqlite-fallback.ts';
import { ConnectorError } from '../../../../src/fleet/error-codes.ts';
import type { SqlDatabase } from '../../../../src/fleet/data/sql-database.ts';
import type { PostgresServer } from '../../../../src/infra/embedded/postgres/server.ts';
import { createHarness, rejection } from '../connector-harness.ts';
import { startTestPostgres, temporaryFolder, urlOf } from './database-servers.ts';

const ddl = ['CREATE TABLE IF NOT EXISTS counters (id TEXT PRIMARY KEY, value BIGINT NOT NULL)', 'CREATE TABLE IF NOT EXISTS notes (id TEXT PRIMARY KEY, text TEXT NOT NULL)'];
const signal = new AbortController().signal;
let server: PostgresServer;
let postgres: PostgresDatabase;

beforeAll(async () => {
  server = await startTestPostgres();
  postgres = new PostgresDatabase(systemClock, { url: urlOf(server.port), onIdleError: () => undefined });
  for (const statement of [...ddl, ...reconcileTables]) await postgres.query(statement);
  // Counts how often each row was really written: replaying twice shows here, and nowhere else.
  await postgres.query('CREATE TABLE audit (id TEXT, value BIGINT)');
  await postgres.query(`CREATE FUNCTION audited() RETURNS trigger AS $$ BEGIN INSERT INTO audit VALUES (NEW.id, NEW.value); RETURN NEW; END $$ LANGUAGE plpgsql`);
  await postgres.query('CREATE TRIGGER counters_audit AFTER INSERT OR UPDATE ON counters FOR EACH ROW EXECUTE FUNCTION audited()');
});
afterAll(async () => {
  await postgres.close();
  await server.close();
});

const counter = (id: string, value: number): RecordedWrite => ({ table: 'counters', key: { id }, row: { value }, conflict: 'keep-first' });
const clear = async (): Promise<void> => {
  for (const table of ['counters', 'notes', 'audit', 'fleet_reconciled']) await postgres.query(`DELETE FROM ${table}`);
};

const dead = (): ConnectorError => new ConnectorError('DATABASE_UNAVAILABLE', 'killed', { maybeExecuted: true });

/** Fails at the n-th statement sent, before or after PostgreSQL has carried it out, and from then on. */
function dyingAt(statement: number, when: 'before' | 'after'): SqlDatabase {
  let sent = 0;
  const run = async <T>(work: () => Promise<T>): Promise<T> => {
    const mine = ++sent;
    if (mine > statement || (mine === statement && when === 'before')) throw dead();
    const result = await work();
    if (mine === statement) throw dead();
    return result;
  };
  return {
    dialect: 'postgres',
    query: (sql, parameters, options) => run(() => postgres.query(sql, parameters, options)),
    transaction: async (work, options) => {
      const committed = await postgres.transaction(
        (tx) => work({ dialect: 'postgres', query: (sql, parameters) => run(() => tx.query(sql, parameters)), transaction: (inner) => inner(tx) }),
        options,
      );
      // The answer to COMMIT may be what gets lost.
      return run(async () => committed);
    },
  };
}

describe('reconcile', () => {
  it('F09 killed at any statement, before or after it was carried out, it loses and doubles nothing', async () => {
    for (let statement = 1; statement <= 12; statement++) {
      for (const when of ['before', 'after'] as const) {
        await clear();
        await using folder = await temporaryFolder();
        const first = new SqliteFallback({ stateDir: folder.path, clock: systemClock });
        first.ensureTables(ddl);
        for (const id of ['a', 'b', 'c', 'd']) first.write(counter(id, 1));
        await reconcile(first.outbox, dyingAt(statement, when), signal).catch(() => undefined);
        await first.close();
        // A successor finds the files as they were left.
        const second = new SqliteFallback({ stateDir: folder.path, clock: systemClock });
        await reconcile(second.outbox, postgres, signal);
        expect({
          place: `statement ${statement}, ${when}`,
          written: await postgres.query('SELECT id, value FROM audit ORDER BY id'),
          remembered: await postgres.query('SELECT * FROM fleet_reconciled'),
          pending: second.outbox.pendingCount(),
          done: second.outbox.done(10),
        }).toEqual({ place: `statement ${statement}, ${when}`, written: ['a', 'b', 'c', 'd'].map((id) => ({ id, value: 1 })), remembered: [], pending: 0, done: [] });
        await second.close();
      }
    }
  });

  it('F09 an old value never overwrites what came after it, though the outbox is replayed', async () => {
    await clear();
    await using folder = await temporaryFolder();
    const fallback = new SqliteFallback({ stateDir: folder.path, clock: systemClock });
    fallback.ensureTables(ddl);
    fallback.write({ ...counter('x', 1), conflict: 'replace' });
    // Committed in PostgreSQL, not yet marked here: statements are the id, the write, then the answer to COMMIT.
    await rejection(reconcile(fallback.outbox, dyingAt(3, 'after'), signal));
    await postgres.query(`UPDATE counters SET value = 99 WHERE id = 'x'`);
    expect(await reconcile(fallback.outbox, postgres, signal)).toEqual({ replayed: 0, alreadyThere: 1, refused: 0 });
    expect(await postgres.query('SELECT value FROM counters')).toEqual([{ value: 99 }]);
    await fallback.close();
  });

  it('F09 what PostgreSQL refuses for good is kept with its reason and holds nothing else back', async () => {
    await clear();
    await using folder = await temporaryFolder();
    const fallback = new SqliteFallback({ stateDir: folder.path, clock: systemClock });
    fallback.ensureTables(ddl);
    fallback.write(counter('good', 1));
    // SQLite takes text for a BIGINT; PostgreSQL does not.
    fallback.write({ table: 'counters', key: { id: 'bad' }, row: { value: 'many' }, conflict: 'keep-first' });
    fallback.write(counter('good-too', 2));
    expect(await reconcile(fallback.outbox, postgres, signal)).toEqual({ replayed: 2, alreadyThere: 0, refused: 1 });
    expect(await postgres.query('SELECT id FROM counters ORDER BY id')).toEqual([{ id: 'good' }, { id: 'good-too' }]);
    await fallback.close();
  });

  it('F09 a row written again and again while PostgreSQL is gone is one entry, of the newest value', async () => {
    await clear();
    await using folder = await temporaryFolder();
    const fallback = new SqliteFallback({ stateDir: folder.path, clock: systemClock });
    fallback.ensureTables(ddl);
    for (let beat = 1; beat <= 1_000; beat++) fallback.write({ ...counter('heart', beat), conflict: 'replace' });
    expect(fallback.outbox.pendingCount()).toBe(1);
    expect(await reconcile(fallback.outbox, postgres, signal)).toMatchObject({ replayed: 1 });
    expect(await postgres.query('SELECT id, value FROM audit')).toEqual([{ id: 'heart', value: 1_000 }]);
    await fallback.close();
  });

  it('F09 the outbox of a process killed with -9 reaches PostgreSQL by its successor, tables included', async () => {
    await postgres.query('DROP TABLE IF EXISTS late_jobs');
    await using folder = await temporaryFolder();
    const child = spawn(process.execPath, [fileURLToPath(new URL('./write-until-killed.ts', import.meta.url)), folder.path], { stdio: ['ignore', 'pipe', 'inherit'] });
    const acknowledged: string[] = [];
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', () => resolve());
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        acknowledged.push(...text.split('\n').filter((line) => line !== ''));
        if (acknowledged.length >= 50) child.kill('SIGKILL');
      });
    });
    expect(child.signalCode).toBe('SIGKILL');
    const harness = createHarness();
    const successor = new ResilientDatabase(harness, { url: urlOf(server.port), stateDir: folder.path });
    await successor.connect();
    const rows = await successor.query<{ id: string }>('SELECT id FROM late_jobs');
    const kept = new Set(rows.map(({ id }) => id));
    expect(acknowledged.filter((id) => !kept.has(id))).toEqual([]);
    expect(rows.length).toBe(kept.size);
    expect(harness.events).toEqual([{ type: 'database_reconciled', replayed: rows.length, already_there: 0 }]);
    await successor.close();
  });
});
