import { Redis, type RedisOptions } from 'ioredis';
import { Toxiproxy } from 'toxiproxy-node-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { startRedisServer, type RunningRedis } from '../../../src/infra/embedded/redis/server.ts';
import { classifyError } from '../../../src/reliability/index.ts';
import { startToxiproxy } from '../../../src/infra/embedded/toxiproxy/server.ts';
import { badServer, rejection } from './bad-servers.ts';

const classify = (error: unknown) => classifyError(error, systemClock);

type Settings = Pick<RedisOptions, 'commandTimeout' | 'disableClientInfo' | 'enableOfflineQueue' | 'lazyConnect' | 'maxRetriesPerRequest' | 'protocol' | 'retryStrategy'>;

function client(port: number, settings: Settings = {}): Redis {
  const redis = new Redis(port, '127.0.0.1', { lazyConnect: true, retryStrategy: () => null, enableReadyCheck: false, maxRetriesPerRequest: null, ...settings });
  // ioredis reports the socket's error here, and gives the command a text without a code.
  redis.on('error', () => undefined);
  return redis;
}

describe('ioredis and a line that fails', () => {
  test.each(['refused', 'reset', 'closed'] as const)('R11 ioredis, connection %s', async (misbehaviour) => {
    await using server = await badServer(misbehaviour);
    const redis = client(server.port);
    const error = await rejection(() => redis.get('key'));
    redis.disconnect();
    expect(classify(error)).toMatchObject({ kind: 'connection', retriable: true, blame: 'dependency', source: 'redis' });
  });

  test('R11 ioredis, a server that accepts and keeps silent', async () => {
    await using server = await badServer('silent');
    const redis = client(server.port, { commandTimeout: 100, disableClientInfo: true, protocol: 2 });
    await redis.connect().catch(() => undefined);
    const error = await rejection(() => redis.get('key'));
    redis.disconnect();
    expect(['timeout', 'connection']).toContain(classify(error).kind);
    expect(classify(error)).toMatchObject({ retriable: true, maybeExecuted: true, source: 'redis' });
  });

  test('R11 ioredis, no connection and no offline queue: nothing was sent', async () => {
    await using server = await badServer('refused');
    const redis = client(server.port, { enableOfflineQueue: false, lazyConnect: false });
    const error = await rejection(() => redis.get('key'));
    redis.disconnect();
    expect(classify(error)).toMatchObject({ kind: 'connection', retriable: true, maybeExecuted: false });
  });

  test('R11 ioredis, its own retries used up', async () => {
    await using server = await badServer('refused');
    const redis = client(server.port, { retryStrategy: () => 1, maxRetriesPerRequest: 1 });
    const error = await rejection(() => redis.get('key'));
    redis.disconnect();
    expect((error as Error).name).toBe('MaxRetriesPerRequestError');
    expect(classify(error)).toMatchObject({ kind: 'connection', retriable: true, source: 'redis' });
  });
});

describe('ioredis and what a server answers', () => {
  let server: RunningRedis;
  let redis: Redis;
  beforeAll(async () => {
    server = await startRedisServer();
    redis = client(server.port);
    await redis.connect();
  });
  afterAll(async () => {
    redis.disconnect();
    await server.close();
  });

  test('R11 ioredis, a command on a key of another type', async () => {
    await redis.set('text', 'x');
    expect(classify(await rejection(() => redis.lpush('text', 'y')))).toEqual({ kind: 'invalid', retriable: false, maybeExecuted: false, blame: 'none', retryAfterMs: undefined, source: 'redis' });
  });

  test('R11 ioredis, an unknown script', async () => {
    expect(classify(await rejection(() => redis.evalsha('0'.repeat(40), 0)))).toMatchObject({ kind: 'not-found', retriable: false });
  });

  test('R11 ioredis, an unknown command', async () => {
    expect(classify(await rejection(() => redis.call('NONSENSE')))).toMatchObject({ kind: 'invalid', retriable: false });
  });

  test.each([
    ['LOADING Redis is loading the dataset in memory', { kind: 'unavailable', retriable: true, maybeExecuted: false, blame: 'dependency' }],
    ['BUSY Redis is busy running a script', { kind: 'unavailable', retriable: true }],
    ["READONLY You can't write against a read only replica.", { kind: 'unavailable', retriable: true }],
    ['OOM command not allowed when used memory > maxmemory', { kind: 'unavailable', retriable: false, blame: 'dependency' }],
    ['CLUSTERDOWN Hash slot not served', { kind: 'unavailable', retriable: true }],
    ['NOAUTH Authentication required.', { kind: 'auth', retriable: false, blame: 'none' }],
    ['STALE a higher token was seen', { kind: 'invalid', retriable: false, blame: 'none' }],
  ])('R11 ioredis, the reply "%s"', async (reply, expected) => {
    // A script answers with any error text that a server could.
    expect(classify(await rejection(() => redis.eval('return redis.error_reply(ARGV[1])', 0, reply)))).toMatchObject(expected);
  });

  test('R11 ioredis, a connection that ends under a pending command', async () => {
    const other = client(server.port);
    await other.connect();
    const pending = rejection(() => other.blpop('nothing', 0));
    await redis.client('LIST');
    other.disconnect();
    expect(classify(await pending)).toMatchObject({ kind: 'connection', maybeExecuted: true, source: 'redis' });
  });

  test.each([
    ['a line that goes silent', { type: 'timeout', attributes: { timeout: 0 } }, { kind: 'timeout', maybeExecuted: true }],
    ['a line that is cut after a few bytes', { type: 'limit_data', attributes: { bytes: 2 } }, { kind: 'connection', maybeExecuted: true }],
  ] as const)('R11 ioredis through Toxiproxy, %s under a command', async (_what, toxic, expected) => {
    await using toxiproxy = await startToxiproxy();
    const proxy = await new Toxiproxy(toxiproxy.url).createProxy({ name: 'redis', listen: '127.0.0.1:0', upstream: `127.0.0.1:${server.port}` });
    const proxied = client(Number(proxy.listen.split(':').at(-1)), { commandTimeout: 150 });
    await proxied.connect();
    await proxied.set('key', 'value');
    await proxy.addToxic<object>({ name: 'cut', stream: 'downstream', toxicity: 1, ...toxic });
    const error = await rejection(() => proxied.get('key'));
    proxied.disconnect();
    expect(classify(error)).toMatchObject({ ...expected, retriable: true, blame: 'dependency', source: 'redis' });
  });
});
