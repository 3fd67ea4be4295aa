import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../../src/core/clock.ts';
import { deadlineAfter } from '../../../../src/core/deadline.ts';
import { PostgresDatabase } from '../../../../src/fleet/connectors/database/postgres-database.ts';
import type { PostgresServer } from '../../../../src/infra/embedded/postgres/server.ts';
import { until } from '../../../helpers/until.ts';
import { rejection } from '../connector-harness.ts';
import { TcpForwarder } from '../tcp-forwarder.ts';
import { startTestPostgres, urlOf } from './database-servers.ts';

let server: PostgresServer;
let forwarder: TcpForwarder;
let database: PostgresDatabase;
const idleErrors: Error[] = [];

beforeAll(async () => {
  server = await startTestPostgres();
  forwarder = await TcpForwarder.to(server.port);
  database = new PostgresDatabase(systemClock, {
    url: urlOf(forwarder.port),
    maxConnections: 3,
    connectTimeoutMs: 700,
    queryTimeoutMs: 700,
    onIdleError: (error) => idleErrors.push(error),
  });
  await database.query('CREATE TABLE items (id TEXT PRIMARY KEY, amount BIGINT NOT NULL)');
});

afterAll(async () => {
  await database.close();
  await forwarder[Symbol.asyncDispose]();
  await server.close();
});

const busy = (): number => {
  const { total, idle } = database.pool();
  return total - idle;
};

describe('PostgresDatabase', () => {
  it('F02 gives BIGINT and its sums as numbers, dates as text', async () => {
    const [row] = await database.query(`SELECT 9007199254740991::bigint AS big, SUM(x) AS total, DATE '2025-01-31' AS day FROM (VALUES (2::bigint), (3::bigint)) AS t(x)`);
    expect(row).toEqual({ big: 9007199254740991, total: 5, day: '2025-01-31' });
  });

  it('F02 commits a transaction, rolls back one whose work rejects, and joins one inside another', async () => {
    await database.transaction(async (tx) => {
      await tx.query('INSERT INTO items VALUES ($1, $2)', ['kept', 1]);
      await tx.transaction(async (inner) => inner.query('INSERT INTO items VALUES ($1, $2)', ['kept-too', 2]));
    });
    const error = await rejection(
      database.transaction(async (tx) => {
        await tx.query('INSERT INTO items VALUES ($1, $2)', ['gone', 3]);
        throw new Error('changed my mind');
      }),
    );
    expect(error.message).toBe('changed my mind');
    expect(await database.query('SELECT id FROM items ORDER BY id')).toEqual([{ id: 'kept' }, { id: 'kept-too' }]);
    expect(busy()).toBe(0);
  });

  it('F02 tells a refused statement from a server that is gone, and keeps the connection for the first', async () => {
    const accepted = forwarder.accepted;
    const syntax = await rejection(database.query('SELEC 1'));
    expect(syntax).toMatchObject({ code: 'DATABASE_REFUSED', retriable: false });
    const twice = await rejection(database.query('INSERT INTO items VALUES ($1, $2)', ['kept', 1]));
    expect(twice).toMatchObject({ code: 'DATABASE_REFUSED', context: { sqlstate: '23505' } });
    await database.query('SELECT 1');
    expect(forwarder.accepted).toBe(accepted);
  });

  it('N07 survives the death of idle pooled connections: reported, replaced, no crash', async () => {
    await Promise.all([database.query('SELECT 1'), database.query('SELECT 1')]);
    idleErrors.length = 0;
    forwarder.reset();
    await until(() => idleErrors.length > 0, 'the idle connections to be missed');
    await until(() => database.pool().idle === 0, 'the pool to drop them');
    expect(await database.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('N07 notices a line gone dead in the middle of things within the query timeout, and drops it', async () => {
    await database.query('SELECT 1');
    forwarder.silence();
    const startedAt = performance.now();
    const error = await rejection(database.query('SELECT 1'));
    expect(error).toMatchObject({ code: 'DATABASE_UNAVAILABLE', retriable: true, maybeExecuted: true });
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(busy()).toBe(0);
    const connecting = await rejection(database.query('SELECT 1'));
    expect(connecting).toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    forwarder.unsilence();
    expect(await database.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('R08 an abort rejects at once with its own reason, asks the server to cancel, drops the connection, and leaks no client', async () => {
    await database.query('SELECT 1');
    forwarder.openings.length = 0;
    forwarder.silence();
    const controller = new AbortController();
    const reason = new Error('nobody wants it any more');
    const running = rejection(database.query('SELECT 1', [], { signal: controller.signal }));
    await until(() => busy() === 1, 'the query to be under way');
    const startedAt = performance.now();
    controller.abort(reason);
    expect(await running).toBe(reason);
    expect(performance.now() - startedAt).toBeLessThan(200);
    expect(busy()).toBe(0);
    forwarder.unsilence();
    await database.query('SELECT 1');
  });

  it('R08 a deadline and an abort also end the wait for a free connection, and the pool stays whole', async () => {
    await Promise.all([1, 2, 3].map(() => database.query('SELECT 1')));
    await until(() => database.pool().total === 3, 'the pool to be full');
    forwarder.silence();
    const held = [1, 2, 3].map(() => rejection(database.query('SELECT 1')));
    await until(() => busy() === 3, 'all connections to be in use');
    const controller = new AbortController();
    const waiting = rejection(database.query('SELECT 1', [], { signal: controller.signal }));
    const late = rejection(database.query('SELECT 1', [], { deadline: deadlineAfter(systemClock, 50) }));
    controller.abort(new Error('stopped'));
    expect((await waiting).message).toBe('stopped');
    expect(await late).toMatchObject({ code: 'DATABASE_OVERLOADED' });
    await Promise.all(held);
    forwarder.unsilence();
    expect(await Promise.all([1, 2, 3, 4, 5].map((n) => database.query('SELECT $1::int AS n', [n])))).toEqual([1, 2, 3, 4, 5].map((n) => [{ n }]));
    await until(() => busy() === 0, 'all clients to be back');
  });

  it('R08 the cancel request that an abort sends is the protocol\'s', async () => {
    const seen: Buffer[] = [];
    const spy = await TcpForwarder.to(server.port);
    const own = new PostgresDatabase(systemClock, { url: urlOf(spy.port), maxConnections: 1, onIdleError: () => undefined });
    await own.query('SELECT 1');
    spy.openings.length = 0;
    const controller = new AbortController();
    const running = rejection(own.transaction(async (tx) => {
      await tx.query('SELECT 1');
      controller.abort(new Error('stop'));
      await tx.query('SELECT 2');
    }, { signal: controller.signal }));
    expect((await running).message).toBe('stop');
    await until(() => spy.openings.length > 0, 'a second connection');
    seen.push(...spy.openings);
    expect(seen[0]?.length).toBe(16);
    expect(seen[0]?.readInt32BE(4)).toBe(80_877_102);
    await own.close();
    await spy[Symbol.asyncDispose]();
  });

  it('F12 closing ends connections in use too, and later calls are refused', async () => {
    const own = new PostgresDatabase(systemClock, { url: urlOf(server.port), onIdleError: () => undefined });
    const never = Promise.withResolvers<void>();
    const held = rejection(own.transaction(() => never.promise));
    await until(() => own.pool().total === 1 && own.pool().idle === 0, 'the transaction to begin');
    await own.close();
    expect(await held).toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    expect(await rejection(own.query('SELECT 1'))).toMatchObject({ code: 'DATABASE_UNAVAILABLE', retriable: false });
    never.resolve();
    // The server is well.
    const socket = connect(server.port, '127.0.0.1');
    await new Promise((resolve) => socket.once('connect', resolve));
    socket.destroy();
  });
});
