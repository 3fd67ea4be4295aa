import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Client, Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { startPostgres, type PostgresServer } from '../../../src/infra/embedded/postgres/server.ts';
import { classifyError } from '../../../src/reliability/index.ts';
import { badServer, rejection } from './bad-servers.ts';

const classify = (error: unknown) => classifyError(error, systemClock);
const failure = (run: () => void) => rejection(async () => run());
const config = (port: number) => ({ host: '127.0.0.1', port, user: 'postgres', password: 'p', database: 'postgres', connectionTimeoutMillis: 200 });

describe('pg and a line that fails', () => {
  test.each([
    ['refused', { kind: 'connection', maybeExecuted: false, source: 'node' }],
    ['reset', { kind: 'connection', maybeExecuted: true, source: 'node' }],
    ['closed', { kind: 'connection', maybeExecuted: true, source: 'postgres' }],
    ['silent', { kind: 'timeout', maybeExecuted: false, source: 'postgres' }],
  ] as const)('R11 pg client and pool, connection %s', async (misbehaviour, expected) => {
    await using server = await badServer(misbehaviour);
    const client = new Client(config(server.port));
    client.on('error', () => undefined);
    expect(classify(await rejection(() => client.connect()))).toMatchObject({ ...expected, retriable: true, blame: 'dependency' });
    const pool = new Pool(config(server.port));
    expect(classify(await rejection(() => pool.query('select 1')))).toMatchObject({ ...expected, retriable: true, blame: 'dependency' });
    await pool.end();
  });
});

describe('pg and what a server answers', () => {
  let cacheDir: string;
  let server: PostgresServer;
  let client: Client;
  beforeAll(async () => {
    cacheDir = await mkdtemp(join(tmpdir(), 'classify-'));
    server = await startPostgres({ cacheDir, maxConnections: 2 });
    client = new Client({ ...config(server.port), connectionTimeoutMillis: 10_000 });
    client.on('error', () => undefined);
    await client.connect();
    await client.query('create table orders (id int primary key, amount int not null check (amount > 0))');
    await client.query('insert into orders values (1, 10)');
  });
  afterAll(async () => {
    await client.end();
    await server.close();
    await rm(cacheDir, { recursive: true });
  });

  test.each([
    ['a key that is there already', 'insert into orders values (1, 10)', 'conflict'],
    ['a value that the table forbids', 'insert into orders values (2, -1)', 'conflict'],
    ['a syntax error', 'selekt 1', 'invalid'],
    ['an unknown table', 'select * from nowhere', 'invalid'],
    ['a text that is no number', "select 'x'::int", 'invalid'],
  ])('R11 pg, %s', async (_what, sql, kind) => {
    expect(classify(await rejection(() => client.query(sql)))).toEqual({ kind, retriable: false, maybeExecuted: false, blame: 'none', retryAfterMs: undefined, source: 'postgres' });
  });

  test.each([
    ['40001', { kind: 'conflict', retriable: true, maybeExecuted: false, blame: 'none' }],
    ['40P01', { kind: 'conflict', retriable: true, maybeExecuted: false }],
    ['55P03', { kind: 'conflict', retriable: true }],
    ['57014', { kind: 'timeout', retriable: true, maybeExecuted: false }],
    ['57P01', { kind: 'unavailable', retriable: true, maybeExecuted: true, blame: 'dependency' }],
    ['57P03', { kind: 'unavailable', retriable: true, maybeExecuted: false, blame: 'dependency' }],
    ['53300', { kind: 'unavailable', retriable: true, maybeExecuted: false }],
    ['53100', { kind: 'unavailable', retriable: false }],
    ['08006', { kind: 'connection', retriable: true, maybeExecuted: true }],
    ['28P01', { kind: 'auth', retriable: false, blame: 'none' }],
    ['42501', { kind: 'auth', retriable: false }],
    ['25006', { kind: 'unavailable', retriable: true }],
    ['XX000', { kind: 'unavailable', retriable: false, blame: 'dependency' }],
    ['P0001', { kind: 'invalid', retriable: false }],
  ])('R11 pg, an error with SQLSTATE %s', async (state, expected) => {
    // The server raises it itself, so that the client builds the error.
    const error = await rejection(() => client.query(`do $$ begin raise exception 'x' using errcode = '${state}'; end $$`));
    expect(error).toMatchObject({ code: state });
    expect(classify(error)).toMatchObject({ ...expected, source: 'postgres' });
  });

  test('R11 pg, more connections than the server takes', async () => {
    const second = new Client(config(server.port));
    await second.connect();
    const third = new Client(config(server.port));
    third.on('error', () => undefined);
    expect(classify(await rejection(() => third.connect()))).toMatchObject({ kind: 'unavailable', retriable: true, maybeExecuted: false });
    await second.end();
  });

  test('R11 pg, a query that takes too long, and a client that was closed', async () => {
    const slow = new Client({ ...config(server.port), query_timeout: 50 });
    slow.on('error', () => undefined);
    await slow.connect();
    await client.query('begin');
    const waiting = rejection(() => slow.query('select 1'));
    const error = await waiting;
    await client.query('commit');
    expect(classify(error)).toMatchObject({ kind: 'timeout', retriable: true, maybeExecuted: true, source: 'postgres' });
    await slow.end();
    expect(classify(await rejection(() => slow.query('select 1')))).toMatchObject({ kind: 'bug', retriable: false, blame: 'not-asked' });
  });
});

describe('node:sqlite', () => {
  test('R11 sqlite, a constraint, a syntax error and a database that another holds', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'classify-sqlite-'));
    const file = join(folder, 'db');
    const first = new DatabaseSync(file);
    const second = new DatabaseSync(file, { timeout: 0 });
    try {
      first.exec('create table orders (id integer primary key)');
      first.exec('insert into orders values (1)');
      expect(classify(await failure(() => first.exec('insert into orders values (1)')))).toMatchObject({ kind: 'conflict', retriable: false, source: 'sqlite' });
      expect(classify(await failure(() => first.exec('selekt')))).toMatchObject({ kind: 'invalid', retriable: false });
      first.exec('begin immediate');
      expect(classify(await failure(() => second.exec('begin immediate')))).toMatchObject({ kind: 'conflict', retriable: true, maybeExecuted: false, blame: 'none' });
    } finally {
      first.close();
      second.close();
      await rm(folder, { recursive: true });
    }
  });
});
