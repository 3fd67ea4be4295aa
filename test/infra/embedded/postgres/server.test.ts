import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Query, type ClientConfig, type QueryResult } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startPostgres, type PostgresServer } from '../../../../src/infra/embedded/postgres/server.ts';
import { until } from '../../../helpers/until.ts';
import { VirtualClock } from '../../../helpers/virtual-clock.ts';

let cacheDir: string;
let server: PostgresServer;
const clock = new VirtualClock();
const clients: Client[] = [];

beforeAll(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'netra-postgres-'));
  server = await startPostgres({ cacheDir, clock, idleInTransactionTimeoutMs: 1000, maxConnections: 24 });
});
afterAll(async () => {
  await server.close();
  await rm(cacheDir, { recursive: true, force: true });
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.end()));
});

async function connected(options: ClientConfig = {}): Promise<Client> {
  const client = new Client({ host: server.host, port: server.port, user: 'netra', database: 'postgres', ...options });
  client.on('error', () => undefined);
  await client.connect();
  clients.push(client);
  return client;
}

async function table(definition: string): Promise<Client> {
  const client = await connected();
  await client.query(`DROP TABLE IF EXISTS ${definition.split('(')[0]}; CREATE TABLE ${definition}`);
  return client;
}

async function ask(client: Client, text: string): Promise<unknown> {
  return (await client.query<object>({ name: 'same', text, values: [1] })).rows[0];
}

describe('queries', () => {
  it('P01 answers pg: types, parameters, several statements, empty results', async () => {
    const client = await connected();
    const { rows } = await client.query('SELECT $1::int + 1 AS n, $2::text AS t, $3::jsonb AS j, NULL AS nothing', [41, 'ä"\n', { a: [1] }]);
    expect(rows).toEqual([{ n: 42, t: 'ä"\n', j: { a: [1] }, nothing: null }]);
    expect(((await client.query('SELECT 1 AS a; SELECT 2 AS b')) as unknown as QueryResult[]).map(({ rows: [row] }) => row as unknown)).toEqual([{ a: 1 }, { b: 2 }]);
    expect((await client.query('SELECT 1 WHERE false')).rows).toEqual([]);
    expect((await client.query(`SELECT repeat('x', 3000000) AS big`)).rows[0]).toEqual({ big: 'x'.repeat(3_000_000) });
    expect((await client.query('SELECT length($1) AS n', ['y'.repeat(5_000_000)])).rows[0]).toEqual({ n: 5_000_000 });
  });

  it.each([
    ['SELECT 1/0', '22012'],
    ['SELEC', '42601'],
    ['SELECT * FROM nowhere', '42P01'],
    ["INSERT INTO uniques VALUES (1), (1)", '23505'],
    ["SELECT 'x'::int", '22P02'],
  ])('P01 %s fails with SQLSTATE %s and the connection goes on', async (sql, code) => {
    const client = await table('uniques (id int primary key)');
    await expect(client.query(sql)).rejects.toMatchObject({ name: 'error', severity: 'ERROR', code });
    await expect(client.query(`${sql} `, [])).rejects.toMatchObject({ code });
    expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });

  it('P01 prepared statements of one name are kept apart by connection, and forgotten with it', async () => {
    const [one, two] = [await connected(), await connected()];
    expect(await ask(one, 'SELECT $1::int + 10 AS n')).toEqual({ n: 11 });
    expect(await ask(two, 'SELECT $1::int + 20 AS n')).toEqual({ n: 21 });
    expect(await ask(one, 'SELECT $1::int + 10 AS n')).toEqual({ n: 11 });
    const left = await connected();
    const prepared = async (): Promise<number> => Number((await left.query<{ n: string }>('SELECT count(*) AS n FROM pg_prepared_statements')).rows[0]?.n);
    expect(await prepared()).toBe(2);
    await Promise.all([one.end(), two.end()]);
    clients.splice(0, 2);
    await until(async () => (await prepared()) === 0, 'the prepared statements to be gone');
  });

  it('P01 COPY FROM STDIN is refused without harm', async () => {
    const client = await table('copied (a text)');
    await expect(client.query('COPY copied FROM STDIN')).rejects.toMatchObject({ message: expect.stringContaining('use INSERT') as string });
    await expect(client.query({ text: 'COPY copied FROM STDIN', values: [] })).rejects.toThrow('use INSERT');
    expect((await client.query('SELECT count(*)::int AS n FROM copied')).rows).toEqual([{ n: 0 }]);
  });
});

describe('many clients', () => {
  it('P01 transactions of four processes do not interleave', { timeout: 30_000 }, async () => {
    const client = await table('counter (id int primary key, value int not null)');
    await client.query('DROP TABLE IF EXISTS seen; CREATE TABLE seen (process int); INSERT INTO counter VALUES (1, 0)');
    const script = new URL('client-process.ts', import.meta.url).pathname;
    const exits = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const child = spawn(process.execPath, [script, String(server.port), '25'], { stdio: ['ignore', 'inherit', 'inherit'] });
        return ((await once(child, 'exit')) as [number | null])[0];
      }),
    );
    expect(exits).toEqual([0, 0, 0, 0]);
    expect((await client.query('SELECT value FROM counter')).rows).toEqual([{ value: 100 }]);
    expect((await client.query('SELECT count(*)::int AS n, count(DISTINCT process)::int AS processes FROM seen')).rows).toEqual([{ n: 100, processes: 4 }]);
  });

  it('P01 what another connection asks waits for an open transaction, and sees it whole', async () => {
    const writer = await table('whole (a int)');
    const reader = await connected();
    await writer.query('BEGIN');
    await writer.query('INSERT INTO whole VALUES (1)');
    let answered = false;
    const reading = reader.query<{ n: number }>('SELECT count(*)::int AS n FROM whole').then(({ rows }) => {
      answered = true;
      return rows[0]?.n;
    });
    await writer.query('INSERT INTO whole VALUES (2)');
    await writer.query('SELECT 1');
    expect(answered).toBe(false);
    await writer.query('COMMIT');
    expect(await reading).toBe(2);
  });

  it('P01 unnamed statements sent at once by many clients never answer each other', async () => {
    const pool = await Promise.all(Array.from({ length: 16 }, () => connected()));
    const wrong = await Promise.all(
      pool.map(async (client, index) => {
        for (let turn = 0; turn < 20; turn++) {
          const { rows } = await client.query<{ v: string }>('SELECT $1::text AS v', [`${index}/${turn}`]);
          if (rows[0]?.v !== `${index}/${turn}`) return rows[0]?.v;
        }
        return undefined;
      }),
    );
    expect(wrong.filter((answer) => answer !== undefined)).toEqual([]);
  });

  it('P01 a client that dies in mid-transaction is rolled back and blocks nobody', async () => {
    const dying = await table('dying (a int)');
    const other = await connected();
    await dying.query('BEGIN');
    await dying.query('INSERT INTO dying VALUES (1)');
    const waiting = other.query<{ n: number }>('SELECT count(*)::int AS n FROM dying');
    (dying as unknown as { connection: { stream: { resetAndDestroy(): void } } }).connection.stream.resetAndDestroy();
    clients.splice(clients.indexOf(dying), 1);
    expect((await waiting).rows).toEqual([{ n: 0 }]);
  });

  it('P01 a transaction that idles is ended with 25P03 and lets the others on', async () => {
    const idling = await table('idling (a int)');
    const other = await connected();
    await idling.query('BEGIN');
    await idling.query('INSERT INTO idling VALUES (1)');
    const waiting = other.query<{ n: number }>('SELECT count(*)::int AS n FROM idling');
    const ended = once(idling, 'error') as Promise<[{ code: string }]>;
    await clock.advance(999);
    await clock.advance(1);
    expect((await ended)[0].code).toBe('25P03');
    expect((await waiting).rows).toEqual([{ n: 0 }]);
    clients.splice(clients.indexOf(idling), 1);
  });

  it('P01 a waiting statement is given up at statement_timeout and by CancelRequest, with 57014', async () => {
    const holder = await connected();
    await holder.query('BEGIN');
    const impatient = await connected({ statement_timeout: 500 });
    const late = impatient.query('SELECT 1');
    late.catch(() => undefined);
    await until(() => clock.pendingTimers >= 2, 'the statement timer');
    await clock.advance(500);
    await expect(late).rejects.toMatchObject({ code: '57014', message: 'canceling statement due to statement timeout' });

    const cancelled = await connected();
    const query = new Query('SELECT 2');
    const outcome = once(query, 'end').catch((error: unknown) => error);
    cancelled.query(query);
    const socket = connect(server.port, server.host);
    const request = Buffer.alloc(16);
    const { processID, secretKey } = cancelled as unknown as { processID: number; secretKey: number };
    [16, 80877102, processID, secretKey].forEach((value, index) => request.writeInt32BE(value, index * 4));
    socket.end(request);
    expect(await outcome).toMatchObject({ code: '57014', message: 'canceling statement due to user request' });
    await holder.query('COMMIT');
    expect((await impatient.query('SELECT 3 AS n')).rows).toEqual([{ n: 3 }]);
    expect((await cancelled.query('SELECT 4 AS n')).rows).toEqual([{ n: 4 }]);
  });

  it('P01 more connections than allowed are told so', async () => {
    const held = await Promise.all(Array.from({ length: 24 }, () => connected()));
    await expect(connected()).rejects.toMatchObject({ code: '53300' });
    await held[0]?.end();
    await until(async () => connected().then(() => true, () => false), 'a free place');
  });

  it('N07 noise instead of the protocol harms nobody else', async () => {
    for (const noise of ['GET / HTTP/1.1\r\n\r\n', '\0\0\0\x08\x04\xd2\x16\x2f'.repeat(3), '\xff'.repeat(64), '\0\0\0\x09\0\x09\0\0x']) {
      const socket = connect(server.port, server.host);
      socket.on('error', () => undefined);
      socket.end(Buffer.from(noise, 'latin1'));
      socket.resume();
      await once(socket, 'close');
    }
    const client = await connected();
    expect((await client.query('SELECT 1 AS n')).rows).toEqual([{ n: 1 }]);
  });
});

describe('memory', () => {
  it('P01 the write-ahead log is cut while statements go on', async () => {
    const client = await table('growing (id int primary key, body text)');
    const walFiles = async (): Promise<number> => Number((await client.query<{ n: string }>('SELECT count(*) AS n FROM pg_ls_waldir()')).rows[0]?.n);
    for (let round = 0; round < 40; round++) await client.query('INSERT INTO growing SELECT $1::int * 1000 + n, repeat($2, 30) FROM generate_series(1, 300) AS n', [round, 'z'.repeat(50_000).slice(0, 40)]).then(() => client.query('SELECT length($1)', ['p'.repeat(200_000)]));
    expect(await walFiles()).toBeLessThanOrEqual(12);
  });
});
