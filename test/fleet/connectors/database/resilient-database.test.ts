import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RecordedWrite } from '../../../../src/fleet/connectors/database/fleet-database.ts';
import { ResilientDatabase, type ResilientDatabaseOptions } from '../../../../src/fleet/connectors/database/resilient-database.ts';
import { SqliteDatabase } from '../../../../src/fleet/connectors/database/sqlite-database.ts';
import type { SqlDatabase } from '../../../../src/fleet/data/sql-database.ts';
import type { PostgresServer } from '../../../../src/infra/embedded/postgres/server.ts';
import { until } from '../../../helpers/until.ts';
import { createHarness, rejection, type Harness } from '../connector-harness.ts';
import { TcpForwarder } from '../tcp-forwarder.ts';
import { startTestPostgres, temporaryFolder, urlOf, type TemporaryFolder } from './database-servers.ts';

const ddl = ['CREATE TABLE IF NOT EXISTS jobs (run_id TEXT PRIMARY KEY, question TEXT NOT NULL)', 'CREATE TABLE IF NOT EXISTS reports (run_id TEXT PRIMARY KEY, token BIGINT NOT NULL, text TEXT)'];
let server: PostgresServer;
let forwarder: TcpForwarder;
let folder: TemporaryFolder;
const opened: ResilientDatabase[] = [];

beforeAll(async () => {
  server = await startTestPostgres();
  forwarder = await TcpForwarder.to(server.port);
  folder = await temporaryFolder();
});
afterAll(async () => {
  await Promise.all(opened.map((database) => database.close()));
  await forwarder[Symbol.asyncDispose]();
  await server.close();
  await folder[Symbol.asyncDispose]();
});

const fast = { probeTimeoutMs: 400, upIntervalMs: 150, downIntervalMs: 50, postgres: { connectTimeoutMs: 400, queryTimeoutMs: 1_000, maxConnections: 4 } };
let stateFolders = 0;

function open(harness: Harness, options: Partial<ResilientDatabaseOptions> = {}): ResilientDatabase {
  const database = new ResilientDatabase(harness, { url: urlOf(forwarder.port), stateDir: `${folder.path}/${++stateFolders}`, ...fast, ...options });
  opened.push(database);
  return database;
}

async function connected(harness: Harness, options: Partial<ResilientDatabaseOptions> = {}): Promise<ResilientDatabase> {
  const database = open(harness, options);
  await database.connect();
  await database.ensureTables(ddl);
  await database.query('DELETE FROM jobs');
  await database.query('DELETE FROM reports');
  return database;
}

const job = (run_id: string, question = 'why?'): RecordedWrite => ({ table: 'jobs', key: { run_id }, row: { question }, conflict: 'keep-first' });
const report = (run_id: string, token: number, text: string): RecordedWrite => ({ table: 'reports', key: { run_id }, row: { token, text }, conflict: { tokenColumn: 'token' } });
const isMode = (database: ResilientDatabase, mode: string) => until(() => database.mode === mode, `mode ${mode}`, 8_000);

describe('ResilientDatabase', () => {
  beforeEach(async () => {
    await forwarder.listenAgain();
  });

  it('F02 uses PostgreSQL where it is there; concurrent connects share one attempt', async () => {
    const database = open(createHarness());
    expect(database.mode).toBe('failed');
    expect(await rejection(database.query('SELECT 1'))).toMatchObject({ code: 'DATABASE_UNAVAILABLE', retriable: true });
    await Promise.all([database.connect(), database.connect(), database.connect()]);
    expect(database.mode).toBe('postgres');
    expect(database.state.up).toBe(true);
    expect(await database.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await database.close();
  });

  it('F02 several hosts at once make the same tables', async () => {
    const hosts = await Promise.all([1, 2, 3, 4].map(async () => {
      const database = open(createHarness());
      await database.connect();
      return database;
    }));
    await Promise.all(hosts.map((database) => database.ensureTables(['CREATE TABLE IF NOT EXISTS raced (id TEXT PRIMARY KEY)'])));
    expect(await hosts[0]?.query('SELECT * FROM raced')).toEqual([]);
    await Promise.all(hosts.map((database) => database.close()));
  });

  it('F02 goes to SQLite where PostgreSQL cannot be had, loads the business tables once and lazily, and comes back by itself', async () => {
    const harness = createHarness();
    let loads = 0;
    const prepareFallback = async (sqlite: SqlDatabase): Promise<void> => {
      loads++;
      await sqlite.query('CREATE TABLE IF NOT EXISTS orders (id TEXT PRIMARY KEY, total BIGINT)');
      await sqlite.query(`INSERT INTO orders VALUES ('o1', 42) ON CONFLICT (id) DO NOTHING`);
    };
    const database = open(harness, { prepareFallback });
    const modes: string[] = [];
    database.onModeChange(() => modes.push(database.mode));
    await forwarder.refuse();
    const error = await rejection(database.connect());
    expect(error).toMatchObject({ code: 'DATABASE_UNAVAILABLE', retriable: true });
    await database.useFallback(error.message);
    await database.ensureTables(ddl);
    expect(database.state).toMatchObject({ up: false, reason: error.message });
    await database.recordWrite(job('early'));
    expect(loads).toBe(0);
    await Promise.all([database.query('SELECT total FROM orders'), database.query('SELECT total FROM orders')]);
    expect(await database.query('SELECT o.total, j.question FROM orders o, jobs j')).toEqual([{ total: 42, question: 'why?' }]);
    expect(loads).toBe(1);
    await forwarder.listenAgain();
    await isMode(database, 'postgres');
    expect(modes).toEqual(['sqlite', 'postgres']);
    expect(await database.query(`SELECT question FROM jobs WHERE run_id = 'early'`)).toEqual([{ question: 'why?' }]);
    expect(harness.events.filter(({ type }) => type === 'database_reconciled')).toEqual([{ type: 'database_reconciled', replayed: 1, already_there: 0 }]);
    await database.close();
  });

  it('F09 PostgreSQL dies under a load of writes and comes back: every write is there once, in its last state', async () => {
    const harness = createHarness();
    const stateDir = join(folder.path, 'under-load');
    const database = await connected(harness, { stateDir });
    const done: string[] = [];
    const writing = (async () => {
      for (let index = 0; index < 120; index++) {
        const id = `run-${index}`;
        await database.recordWrite(job(id, `question ${index}`));
        await database.recordWrite(report(id, 1, 'first'));
        await database.recordWrite(report(id, 2, 'final'));
        await database.recordWrite(report(id, 1, 'stale'));
        done.push(id);
        if (index === 20) await forwarder.refuse();
        if (index === 60) await forwarder.listenAgain();
        if (index % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 10));
      }
    })();
    await writing;
    expect(harness.events.some(({ type }) => type === 'fallback_triggered')).toBe(true);
    await isMode(database, 'postgres');
    const jobs = await database.query<{ run_id: string; question: string }>('SELECT run_id, question FROM jobs ORDER BY run_id');
    expect(jobs.map((row) => row.run_id)).toEqual([...done].sort());
    const reports = await database.query<{ token: number; text: string }>('SELECT token, text FROM reports');
    expect(reports).toHaveLength(120);
    expect(new Set(reports.map(({ token, text }) => `${token}/${text}`))).toEqual(new Set(['2/final']));
    expect(await database.query('SELECT * FROM fleet_reconciled')).toEqual([]);
    await database.close();
    // Nor has a write been made on SQLite after the last look at its outbox.
    const left = new SqliteDatabase({ file: join(stateDir, 'fleet.sqlite') });
    expect(await left.query('SELECT * FROM fleet_outbox')).toEqual([]);
    left.close();
  });

  it('F08 reads what it wrote to PostgreSQL itself while that is gone', async () => {
    const database = await connected(createHarness());
    await database.recordWrite(job('before', 'asked before'));
    await forwarder.refuse();
    await isMode(database, 'sqlite');
    expect(await database.query('SELECT question FROM jobs')).toEqual([{ question: 'asked before' }]);
    expect(await database.recordWrite(job('before', 'asked again'))).toEqual({ changed: false });
    await database.close();
  });

  it('F08 a black-holed PostgreSQL is given up within the probes\' time, and calls under way move over', async () => {
    const database = await connected(createHarness(), { postgres: { connectTimeoutMs: 400, queryTimeoutMs: 20_000 } });
    await database.query('SELECT 1');
    forwarder.silence();
    const startedAt = performance.now();
    expect(await database.query('SELECT COUNT(*) AS jobs FROM jobs')).toEqual([{ jobs: 0 }]);
    expect(performance.now() - startedAt).toBeLessThan(2_500);
    expect(database.mode).toBe('sqlite');
    forwarder.unsilence();
    await isMode(database, 'postgres');
    await database.close();
  });

  it('F09 refuses writes on SQLite that would never reach PostgreSQL', async () => {
    const database = await connected(createHarness());
    await forwarder.refuse();
    await isMode(database, 'sqlite');
    expect(await rejection(database.query(`INSERT INTO jobs VALUES ('x', 'y')`))).toMatchObject({ code: 'DATABASE_UNRECORDED_WRITE' });
    expect(await rejection(database.transaction((tx) => tx.query('DELETE FROM jobs')))).toMatchObject({ code: 'DATABASE_UNRECORDED_WRITE' });
    expect(await database.transaction((tx) => tx.query('SELECT COUNT(*) AS n FROM jobs'))).toEqual([{ n: 0 }]);
    await database.close();
  });

  it('F08 does not leave PostgreSQL for one statement that it refuses, or one broken connection', async () => {
    const harness = createHarness();
    const database = await connected(harness);
    expect(await rejection(database.query('SELEC'))).toMatchObject({ code: 'DATABASE_REFUSED' });
    for (let round = 0; round < 3; round++) {
      const reading = database.query('SELECT COUNT(*) AS n FROM jobs');
      forwarder.reset();
      expect(await reading).toEqual([{ n: 0 }]);
    }
    expect(database.mode).toBe('postgres');
    expect(harness.events).toEqual([]);
    await database.close();
  });

  it('D11 with the fallback off there is no database without PostgreSQL, and it comes back by itself', async () => {
    const harness = createHarness({ fallback: false, retry: false, breaker: false });
    const database = await connected(harness);
    await forwarder.refuse();
    await isMode(database, 'failed');
    expect(await rejection(database.query('SELECT 1'))).toMatchObject({ code: 'DATABASE_FALLBACK_OFF' });
    expect(await rejection(database.recordWrite(job('lost')))).toMatchObject({ code: 'DATABASE_FALLBACK_OFF' });
    expect(await rejection(database.useFallback('gone'))).toMatchObject({ code: 'DATABASE_FALLBACK_OFF' });
    await forwarder.listenAgain();
    await isMode(database, 'postgres');
    expect(await database.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await database.close();
  });

  it('N07 a state folder that cannot be made is a sentence, and the mode is failed', async () => {
    await forwarder.refuse();
    await writeFile(join(folder.path, 'file'), '');
    const database = open(createHarness(), { stateDir: join(folder.path, 'file', 'state') });
    expect(await rejection(database.useFallback('gone'))).toMatchObject({ code: 'DATABASE_FALLBACK_BROKEN' });
    expect(database.mode).toBe('failed');
    await database.close();
  });

  it('D10 three failures in a row open the breaker; while PostgreSQL itself answers that is no reason to leave it; its return closes it', async () => {
    const harness = createHarness();
    const database = await connected(harness, { upIntervalMs: 60_000 });
    const breaker = harness.reliability.breaker('postgres');
    for (let failures = 0; failures < 3; failures++) {
      expect(breaker.state).toBe('closed');
      breaker.fail(breaker.tryAdmit(), 0);
    }
    expect(breaker.state).toBe('open');
    expect(await rejection(database.query('SELECT 1'))).toMatchObject({ code: 'CIRCUIT_OPEN' });
    expect(database.mode).toBe('postgres');
    await forwarder.refuse();
    await isMode(database, 'sqlite');
    await forwarder.listenAgain();
    await isMode(database, 'postgres');
    expect(breaker.state).toBe('closed');
    expect(await Promise.all([1, 2, 3, 4, 5, 6].map(() => database.query('SELECT 1 AS n')))).toHaveLength(6);
    await database.close();
  });
});
