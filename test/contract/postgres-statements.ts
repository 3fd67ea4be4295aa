import { connect } from 'node:net';
import { Client, type QueryConfig } from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { countReports } from '../../src/chaos/engine/report-count.ts';
import { readStoredReports } from '../../src/chaos/evidence/stored-reports.ts';
import type { ActionContext } from '../../src/fleet/agents/action.ts';
import { businessAgents } from '../../src/fleet/agents/business/index.ts';
import { ensureTables } from '../../src/fleet/connectors/database/ensure-tables.ts';
import { Outbox } from '../../src/fleet/connectors/database/outbox.ts';
import { PostgresDatabase } from '../../src/fleet/connectors/database/postgres-database.ts';
import { reconcile, reconcileTables } from '../../src/fleet/connectors/database/reconcile.ts';
import { writeStatement } from '../../src/fleet/connectors/database/recorded-write.ts';
import { ResilientDatabase } from '../../src/fleet/connectors/database/resilient-database.ts';
import { SqliteDatabase } from '../../src/fleet/connectors/database/sqlite-database.ts';
import { loadDataset } from '../../src/fleet/data/load-dataset.ts';
import type { SqlDatabase } from '../../src/fleet/data/sql-database.ts';
import { PeerDirectory } from '../../src/fleet/host/peer-directory.ts';
import type { ReportResult } from '../../src/fleet/jobs/job.ts';
import { JobStore } from '../../src/fleet/jobs/job-store.ts';
import { jobTables } from '../../src/fleet/jobs/tables.ts';
import type { RunningInfra } from '../../src/infra/provider.ts';
import { makeSchema, namesOf, removeOwnData } from '../../src/infra/providers/external/own-data.ts';
import { survey } from '../../src/infra/providers/external/survey.ts';
import type { ExternalTargets } from '../../src/infra/providers/external/targets.ts';
import { createHarness, rejection } from '../fleet/connectors/connector-harness.ts';
import { temporaryFolder } from '../fleet/connectors/database/database-servers.ts';
import { readGoodDataset } from '../helpers/business-data.ts';
import { until } from '../helpers/until.ts';
import { statementsIn, type SourceStatement } from './sql-statements.ts';

export interface ContractServer extends AsyncDisposable {
  /** `postgres://…` */
  readonly url: string;
}

/** Not for PostgreSQL; each is a folder or a file with statements in it. */
const otherDatabases = [
  'src/infra/embedded/postgres/', // the server's own, to its engine
  'src/fleet/connectors/database/outbox.ts', // SQLite's
  'src/fleet/connectors/database/sqlite-database.ts',
  'src/fleet/connectors/database/sqlite-fallback.ts',
];

const job = (runId: string) => ({ run_id: runId, user_id: 'u-1', question: 'Größe — “wie viel”?\n', period: { from: '2025-01-01', to: '2025-12-31' }, timeout_ms: 90_000 });
const report: ReportResult = { success: true, report: 'Straße 💶 \\ "quoted"', level: 'FULL', missing_data: ['x'], recovery_performed: false, checkpoints_used: 1, resumed_sections: 0, correlation_id: 'c' };

/**
 * Every statement that the project sends to PostgreSQL, sent by the code that it is in, and what the project relies on around it.
 * The last test fails for a statement in src that none of the others has sent. Every title begins with P01.
 */
export function postgresStatementsContract(serverName: string, start: () => Promise<ContractServer>): void {
  describe(`PostgreSQL statements: ${serverName}`, () => {
    const sent = new Set<string>();
    const disposals: (() => unknown)[] = [];
    let server: ContractServer;
    let url: string;
    let database: PostgresDatabase;
    let resilient: ResilientDatabase;
    let sqlite: SqliteDatabase;

    beforeAll(async () => {
      // Called below on the client that it is called on.
      const { query: original } = Client.prototype as unknown as { readonly query: (this: Client, ...given: unknown[]) => unknown };
      vi.spyOn(Client.prototype, 'query').mockImplementation(function (this: Client, ...given: unknown[]) {
        const [statement] = given as [string | QueryConfig];
        sent.add(typeof statement === 'string' ? statement : statement.text);
        return original.apply(this, given) as never;
      });
      server = await start();
      ({ url } = server);
      const folder = await temporaryFolder();
      disposals.push(() => folder[Symbol.asyncDispose]());
      database = open();
      resilient = new ResilientDatabase(createHarness(), { url, stateDir: folder.path });
      disposals.push(() => resilient.close());
      await resilient.connect();
      await resilient.ensureTables(jobTables);
      sqlite = new SqliteDatabase({ file: ':memory:' });
      disposals.push(() => sqlite.close());
    });
    afterAll(async () => {
      for (const dispose of disposals.toReversed()) await dispose();
      await server?.[Symbol.asyncDispose]();
      vi.restoreAllMocks();
    });

    function open(options: { readonly statementTimeoutMs?: number } = {}): PostgresDatabase {
      const opened = new PostgresDatabase(systemClock, { url, maxConnections: 4, onIdleError: () => undefined, ...options });
      disposals.push(() => opened.close());
      return opened;
    }

    function targets(): ExternalTargets {
      const { hostname: host, port } = new URL(url);
      const closed = { host: '127.0.0.1', port: 1 };
      return { access: { NETRA_REDIS_URL: 'redis://127.0.0.1:1', NETRA_DATABASE_URL: url }, redis: closed, kafka: [closed], postgres: { host, port: Number(port) }, toxiproxy: undefined, upstreams: new Map(), allowHosts: undefined };
    }

    function infra(): RunningInfra {
      return { hostEnvironment: { NETRA_DATABASE_URL: url }, services: { postgres: { direct: targets().postgres } } } as unknown as RunningInfra;
    }

    test('P01 a job from its acceptance to its report', async () => {
      const jobs = new JobStore(resilient, systemClock);
      const request = await jobs.accept(job('run-1'), 'c-1', {});
      expect(request).toEqual({ ...job('run-1'), correlation_id: 'c-1', accepted_at: expect.any(Number) });
      expect(await jobs.accept(job('run-1'), 'c-2', {})).toEqual(request);
      await expect(jobs.accept({ ...job('run-1'), question: 'other' }, 'c-3', {})).rejects.toMatchObject({ code: 'JOB_CONFLICT' });
      expect(await jobs.unfinished(10, {})).toEqual([{ request, dispatches: 0 }]);
      expect([await jobs.countDispatch('run-1', {}), await jobs.countDispatch('run-1', {})]).toEqual([1, 2]);
      expect(await jobs.view('run-1', {})).toMatchObject({ status: 'running', attempts: 2 });
      expect([await jobs.isReported('run-1', {}), await jobs.report('run-1', {})]).toEqual([false, undefined]);
      expect(await jobs.storeReport('run-1', 'u-1', report, 1_001, 'h', {})).toBe(true);
      expect(await jobs.storeReport('run-1', 'u-1', { ...report, level: 'BASIC' }, 2_001, 'h2', {})).toBe(false);
      expect([await jobs.isReported('run-1', {}), await jobs.report('run-1', {})]).toEqual([true, report]);
      expect(await jobs.view('run-1', {})).toMatchObject({ status: 'completed', result: report });
      expect(await jobs.unfinished(10, {})).toEqual([]);
    });

    test('P01 of many hosts that accept and report one run at once, one does', async () => {
      const jobs = new JobStore(resilient, systemClock);
      const requests = await Promise.all(Array.from({ length: 8 }, (_, index) => jobs.accept(job('run-2'), `c-${index}`, {})));
      expect(new Set(requests.map(({ correlation_id: id }) => id)).size).toBe(1);
      const stored = await Promise.all(Array.from({ length: 8 }, (_, index) => jobs.storeReport('run-2', 'u-1', report, index, `h${index}`, {})));
      expect(stored.filter(Boolean)).toHaveLength(1);
    });

    test('P01 a fenced row ends with the highest token, in whatever order writers come', async () => {
      await database.query('CREATE TABLE fenced (id TEXT PRIMARY KEY, token BIGINT NOT NULL, writer TEXT)');
      const tokens = Array.from({ length: 60 }, (_, index) => (index * 37) % 60);
      const changed = await Promise.all(
        tokens.map(async (token) => {
          const { sql, parameters } = writeStatement({ table: 'fenced', key: { id: 'x' }, row: { token, writer: `w${token}` }, conflict: { tokenColumn: 'token' } });
          return (await database.query(sql, parameters)).length;
        }),
      );
      expect(changed.every((rows) => rows <= 1)).toBe(true);
      expect(await database.query('SELECT token, writer FROM fenced')).toEqual([{ token: 59, writer: 'w59' }]);
      const same = writeStatement({ table: 'fenced', key: { id: 'x' }, row: { token: 59, writer: 'w59' }, conflict: 'replace' });
      expect(await database.query(same.sql, same.parameters)).toEqual([]);
    });

    test('P01 hosts find each other', async () => {
      const { logger } = createHarness();
      const [first, second] = (['a', 'b'] as const).map((host) => new PeerDirectory(resilient, systemClock, logger, { host, role: 'reporting', url: `http://${host}` }));
      disposals.push(() => first?.close(), () => second?.close());
      expect(await first?.urls('reporting')).toEqual(['http://a']);
      expect((await second?.urls('reporting'))?.toSorted()).toEqual(['http://a', 'http://b']);
    });

    test('P01 the lab counts and reads the reports of a run, and of no other', async () => {
      const jobs = new JobStore(resilient, systemClock);
      for (const runId of ['lab%-1', 'lab%-2', 'labX-1']) await jobs.storeReport(runId, 'u-1', report, 1, 'h', {});
      const { signal } = new AbortController();
      // The name is a pattern there: the caller's names hold no signs of patterns.
      expect([...(await countReports(infra(), 'labX', signal))]).toEqual([['labX-1', 1]]);
      expect((await readStoredReports(infra(), 'lab%', signal)).map(({ job_id: id, level, user_id: user }) => [id, level, user])).toEqual([['lab%-1', 'FULL', 'u-1'], ['lab%-2', 'FULL', 'u-1']]);
    });

    test('P01 tables are made by many at once, in one database and in a schema of the run', async () => {
      const ddl = ['CREATE TABLE IF NOT EXISTS raced (id TEXT PRIMARY KEY)', 'CREATE TABLE IF NOT EXISTS raced_too (id TEXT PRIMARY KEY)'];
      await Promise.all(Array.from({ length: 6 }, () => ensureTables(database, ddl, {})));
      expect(await database.query('SELECT id FROM raced_too')).toEqual([]);
      const names = namesOf(`contract-${process.pid}`);
      const { signal } = new AbortController();
      await makeSchema(targets(), names, signal);
      await expect(makeSchema(targets(), names, signal)).rejects.toMatchObject({ code: '42P06' });
      await database.query(`CREATE TABLE "${names.schema}".own (id TEXT)`);
      // Redis and Kafka are not there in this test, and what is said of them is theirs.
      expect((await removeOwnData(targets(), names, systemClock)).filter((left) => left.includes('PostgreSQL'))).toEqual([]);
      expect(await database.query('SELECT nspname FROM pg_namespace WHERE nspname = $1', [names.schema])).toEqual([]);
      const unreachable = await rejection(survey(targets(), systemClock, signal));
      expect(unreachable.message).toContain('Redis');
      expect(unreachable.message).not.toContain('PostgreSQL');
    });

    test('P01 an outbox is carried over once, in order, without what is refused', async () => {
      await ensureTables(database, [...reconcileTables, 'CREATE TABLE IF NOT EXISTS carried (id TEXT PRIMARY KEY, value BIGINT)'], {});
      for (const sql of ['CREATE TABLE carried (id TEXT PRIMARY KEY, value BIGINT)', 'CREATE TABLE nowhere (id TEXT PRIMARY KEY)']) sqlite.run(sql);
      const outbox = new Outbox(sqlite, systemClock);
      const { signal } = new AbortController();
      for (let value = 0; value < 70; value++) outbox.write({ table: 'carried', key: { id: `id-${value % 60}` }, row: { value }, conflict: 'keep-first' });
      outbox.write({ table: 'nowhere', key: { id: 'x' }, row: {}, conflict: 'keep-first' });
      outbox.write({ table: 'carried', key: { id: 'id-0' }, row: { value: 2 ** 52 }, conflict: 'replace' });
      expect(await reconcile(outbox, database, signal)).toEqual({ replayed: 61, alreadyThere: 0, refused: 1 });
      expect(await reconcile(outbox, database, signal)).toEqual({ replayed: 0, alreadyThere: 0, refused: 0 });
      expect(await database.query('SELECT COUNT(*) AS rows, MAX(value) AS most FROM carried')).toEqual([{ rows: 60, most: 2 ** 52 }]);
      expect(await database.query('SELECT write_id FROM fleet_reconciled')).toEqual([]);
    });

    describe('business data', () => {
      const periods = [{ from: '2025-01-01', to: '2025-12-31' }, { from: '2025-02-01', to: '2025-02-28' }, { from: '1999-01-01', to: '1999-01-01' }];
      let business: SqliteDatabase;

      beforeAll(async () => {
        const dataset = await readGoodDataset();
        business = new SqliteDatabase({ file: ':memory:' });
        disposals.push(() => business.close());
        const withGaps = { ...dataset, missingColumns: ['orders.nothing'] };
        await Promise.all([loadDataset(database, withGaps), loadDataset(business, withGaps)]);
        expect(await loadDataset(database, withGaps)).toMatchObject({ loaded: false });
      });

      test('P01 the facts of every agent are those that SQLite gives', async () => {
        for (const period of periods) for (const agent of businessAgents) expect(await agent.facts(database, period)).toEqual(await agent.facts(business, period));
      });

      test('P01 the answer of every agent to every question is that of SQLite, and so is what it does not know', async () => {
        const one = async (sql: string): Promise<string> => String(Object.values((await business.query(sql))[0] ?? {})[0]);
        const inputs = {
          order_id: [await one('SELECT order_id FROM fraud_alerts ORDER BY order_id'), await one('SELECT order_id FROM order_lines ORDER BY order_id'), 'none'],
          product_id: [await one('SELECT product_id FROM inspections ORDER BY product_id'), await one('SELECT product_id FROM marketplace_listings ORDER BY product_id'), 'none'],
          warehouse_id: [await one('SELECT warehouse_id FROM warehouses ORDER BY warehouse_id'), 'none'],
          customer_id: [await one('SELECT customer_id FROM customer_feedback ORDER BY customer_id'), 'none'],
          ticket_id: [await one('SELECT ticket_id FROM tickets ORDER BY ticket_id'), 'none'],
          on: ['2025-06-30'],
          query: ['how do I return an article?'],
          subject: [await one('SELECT subject FROM risk_assessments ORDER BY subject'), 'none'],
        };
        let answered = 0;
        for (const { name, questions } of businessAgents) {
          for (const question of questions) {
            const [member] = Object.keys((question.input as unknown as { shape: object }).shape) as [keyof typeof inputs];
            for (const value of inputs[member]) {
              const [ours, expected] = [await answer(name, question.name, { [member]: value }, database), await answer(name, question.name, { [member]: value }, business)];
              expect({ question: question.name, value, ...ours }).toEqual({ question: question.name, value, ...expected });
              if ('answer' in expected) answered++;
            }
          }
        }
        expect(answered).toBeGreaterThanOrEqual(businessAgents.length);
      });
    });

    test('P01 types: what is stored comes back as it was, and sums are numbers', async () => {
      await database.query('CREATE TABLE typed (id BIGINT PRIMARY KEY, small SMALLINT, text TEXT COLLATE "C", day DATE, at TIMESTAMPTZ, yes BOOLEAN, exact NUMERIC(12,3))');
      await database.query('INSERT INTO typed VALUES ($1, $2, $3, $4, $5, $6, $7)', [Number.MAX_SAFE_INTEGER, -32768, 'ä\n\t"\\\u{1f4b6}', '2024-02-29', '2024-02-29T12:00:00.5Z', true, '123456789.125']);
      await database.query('INSERT INTO typed (id) VALUES ($1)', [-1]);
      expect(await database.query(`SELECT id, small, text, day, at AT TIME ZONE 'UTC' AS at, yes, exact FROM typed ORDER BY id DESC`)).toEqual([
        { id: Number.MAX_SAFE_INTEGER, small: -32768, text: 'ä\n\t"\\\u{1f4b6}', day: '2024-02-29', at: '2024-02-29 12:00:00.5', yes: true, exact: 123456789.125 },
        { id: -1, small: null, text: null, day: null, at: null, yes: null, exact: null },
      ]);
      expect(await database.query(`SELECT SUM(small) AS total, COUNT(*) AS rows, CAST(SUM(id) AS BIGINT) AS ids, '2025-01-31'::date - '2025-01-01'::date AS days FROM typed`)).toEqual([{ total: -32768, rows: 2, ids: Number.MAX_SAFE_INTEGER - 1, days: 30 }]);
      // "C": byte by byte, capitals first.
      expect(await database.query(`SELECT v FROM (VALUES ('b'), ('B'), ('a'), ('ä'), ('Z'), ('')) AS t(v) ORDER BY v COLLATE "C"`)).toEqual(['', 'B', 'Z', 'a', 'b', 'ä'].map((v) => ({ v })));
    });

    test.each([
      ['a second row of one key', "INSERT INTO fleet_hosts VALUES ('dup', 'r', 'u', 1), ('dup', 'r', 'u', 1)", '23505'],
      ['nothing where something has to be', "INSERT INTO fleet_hosts (host) VALUES ('half')", '23502'],
      ['a word that is none', 'SELEC 1', '42601'],
      ['a table that is not there', 'SELECT * FROM nowhere_at_all', '42P01'],
      ['a column that is not there', 'SELECT nothing FROM fleet_hosts', '42703'],
      ['a text that is no number', "SELECT CAST('x' AS BIGINT)", '22P02'],
      ['a number too large', 'SELECT CAST(9223372036854775807 AS BIGINT) + 1', '22003'],
      ['a table made twice', 'CREATE TABLE fleet_hosts (id TEXT)', '42P07'],
      ['a division by zero', 'SELECT 1 / 0', '22012'],
    ])('P01 %s is refused with its SQLSTATE, and the connection goes on', async (_, sql, sqlstate) => {
      expect(await rejection(database.query(sql))).toMatchObject({ code: 'DATABASE_REFUSED', context: { sqlstate } });
      expect(await database.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    });

    test('P01 a transaction is all or nothing, and after an error in it nothing more is taken', async () => {
      await database.query('CREATE TABLE whole (id TEXT PRIMARY KEY)');
      await database.transaction(async (tx) => {
        await tx.query(`INSERT INTO whole VALUES ('kept')`);
      });
      expect((await rejection(database.transaction(async (tx) => {
        await tx.query(`INSERT INTO whole VALUES ('lost')`);
        await rejection(tx.query(`INSERT INTO whole VALUES ('kept')`));
        await tx.query(`INSERT INTO whole VALUES ('late')`);
      }))).message).toContain('25P02');
      expect(await database.query('SELECT id FROM whole')).toEqual([{ id: 'kept' }]);
    });

    test('P01 a statement that waits for somebody else is given up at statement_timeout, or when its caller does, and leaves nothing', async () => {
      await database.query('CREATE TABLE held (id TEXT PRIMARY KEY)');
      const holding = Promise.withResolvers<void>();
      const release = Promise.withResolvers<void>();
      const holder = database.transaction(async (tx) => {
        await tx.query(`INSERT INTO held VALUES ('x')`);
        holding.resolve();
        await release.promise;
      });
      await holding.promise;
      const impatient = open({ statementTimeoutMs: 200 });
      expect(await rejection(impatient.query(`INSERT INTO held VALUES ('x'), ('timed out')`))).toMatchObject({ code: 'DATABASE_OVERLOADED', context: { sqlstate: '57014' } });
      const enough = new AbortController();
      const given = rejection(impatient.query(`INSERT INTO held VALUES ('x'), ('given up')`, [], { signal: enough.signal }));
      enough.abort(new Error('enough'));
      expect((await given).message).toBe('enough');
      release.resolve();
      await holder;
      expect(await impatient.query('SELECT id FROM held ORDER BY id')).toEqual([{ id: 'x' }]);
    });

    test('P01 a client that is gone in mid-transaction leaves nothing and holds nobody up', async () => {
      await database.query('CREATE TABLE dying (id TEXT PRIMARY KEY)');
      const client = new Client({ connectionString: url });
      client.on('error', () => undefined);
      await client.connect();
      await client.query('BEGIN');
      await client.query(`INSERT INTO dying VALUES ('x')`);
      (client as unknown as { connection: { stream: { resetAndDestroy(): void } } }).connection.stream.resetAndDestroy();
      expect(await database.query(`INSERT INTO dying VALUES ('x') RETURNING id`)).toEqual([{ id: 'x' }]);
    });

    test('P01 noise is no client, and harms none', async () => {
      const { host, port } = targets().postgres;
      const socket = connect({ host, port });
      let closed = false;
      socket.on('error', () => undefined);
      socket.on('close', () => (closed = true));
      socket.end('GET / HTTP/1.1\r\n\r\n');
      socket.resume();
      await until(() => closed, 'the end of the connection');
      expect(await database.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    });

    test('P01 no statement in src is without a case here', async () => {
      const statements = await statementsIn('src/**/*.ts', otherDatabases);
      expect(statements.length).toBeGreaterThan(80);
      const missed = statements.filter(({ isIn }: SourceStatement) => ![...sent].some(isIn));
      expect(missed.map(({ file, text }) => `${file}: ${text}`)).toEqual([]);
    });
  });
}

/** Asks an agent as the fleet does: through both schemas, agents reaching each other by `ask`. */
async function answer(agent: string, action: string, input: object, on: SqlDatabase): Promise<{ answer: unknown } | { code: unknown; message: string }> {
  const ask = async (name: string, asked: string, given: object): Promise<unknown> => {
    const question = businessAgents.find((each) => each.name === name)?.questions.find((each) => each.name === asked);
    if (question === undefined) throw new Error(`no ${name}.${asked}`);
    const context = { database: on, correlationId: 'c', signal: new AbortController().signal, readOnly: false, ask } as unknown as ActionContext;
    const untyped = question as { handle(input: object, context: ActionContext): Promise<object> };
    return question.output.parse(await untyped.handle(question.input.parse(given), context));
  };
  try {
    return { answer: await ask(agent, action, input) };
  } catch (error) {
    const { code, message } = error as { code?: unknown; message: string };
    return { code, message };
  }
}
