import { deadlineAfter } from '../../../../src/core/deadline.ts';
import { systemClock } from '../../../../src/core/clock.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { IoredisStore, type IoredisStoreOptions } from '../../../../src/fleet/connectors/redis/ioredis-store.ts';
import { defineScript, runScript } from '../../../../src/fleet/connectors/redis/redis-script.ts';
import { startRedisServer, type RunningRedis } from '../../../../src/infra/embedded/redis/server.ts';
import { until } from '../../../helpers/until.ts';
import { createHarness, rejection, type Harness } from '../connector-harness.ts';
import { TcpForwarder } from '../tcp-forwarder.ts';

let server: RunningRedis;
let forwarder: TcpForwarder;
let harness: Harness;
let store: IoredisStore;

beforeEach(async () => {
  server = await startRedisServer();
  forwarder = await TcpForwarder.to(server.port);
  harness = createHarness();
  store = open();
});
afterEach(async () => {
  await store.close();
  await forwarder[Symbol.asyncDispose]();
  await server.close();
});

const open = (options: Partial<IoredisStoreOptions> = {}): IoredisStore =>
  new IoredisStore(harness, { url: `redis://127.0.0.1:${forwarder.port}`, connectTimeoutMs: 400, commandTimeoutMs: 300, socketTimeoutMs: 350, upIntervalMs: 100, downIntervalMs: 50, ...options });
const ping = () => store.execute('ping', (client) => client.ping());
const isUp = (up: boolean) => until(() => store.state.up === up, `Redis ${up ? 'up' : 'down'}`);

describe('IoredisStore', () => {
  it('F04 connects at first use, and keeps to one connection however many calls there are (D10)', async () => {
    await Promise.all(Array.from({ length: 200 }, (_, index) => store.execute('set', (client) => client.set(`k${index}`, index))));
    expect(await store.execute('get', (client) => client.get('k199'))).toBe('199');
    expect(forwarder.accepted).toBe(1);
  });

  it('D10 carries out the writes of a host in the order in which they were asked for', async () => {
    await Promise.all(Array.from({ length: 100 }, (_, index) => store.execute('rpush', (client) => client.rpush('order', index))));
    expect(await store.execute('lrange', (client) => client.lrange('order', 0, -1))).toEqual(Array.from({ length: 100 }, (_, index) => String(index)));
  });

  it('N07 a half-open socket fails a command within its timeout, is noticed, and is replaced', async () => {
    await ping();
    forwarder.silence();
    const startedAt = performance.now();
    expect(await rejection(store.execute('incr', (client) => client.incr('n')))).toMatchObject({ code: 'REDIS_UNAVAILABLE', retriable: true, maybeExecuted: true });
    expect(performance.now() - startedAt).toBeLessThan(1_500);
    await isUp(false);
    expect(store.state).toMatchObject({ up: false, reason: expect.any(String) });
    forwarder.unsilence();
    await isUp(true);
    expect(await ping()).toBe('PONG');
  });

  it('D11 with timeouts off a half-open socket is waited for without end', async () => {
    harness = createHarness({ timeout: false });
    await using stack = new AsyncDisposableStack();
    const patient = stack.adopt(open(), (each) => each.close());
    await patient.execute('ping', (client) => client.ping());
    forwarder.silence();
    const caller = new AbortController();
    const outcome = patient.execute('incr', (client) => client.incr('n'), { deadline: deadlineAfter(systemClock, 100), signal: caller.signal }).catch((error: unknown) => error);
    // With them the command is over after 300 ms, and the line after 350 ms.
    await until(() => !patient.state.up, 'Redis down');
    expect(await Promise.race([outcome, systemClock.sleep(700).then(() => 'waits')])).toBe('waits');
    caller.abort(new Error('enough'));
    expect(await outcome).toMatchObject({ message: 'enough' });
  });

  it('F04 while Redis is gone calls fail at once instead of queueing, and it comes back by itself', async () => {
    await ping();
    const changes: boolean[] = [];
    store.onStateChange((state) => changes.push(state.up));
    await forwarder.refuse();
    await isUp(false);
    const startedAt = performance.now();
    expect(await rejection(ping())).toMatchObject({ code: expect.stringMatching(/REDIS_UNAVAILABLE|CIRCUIT_OPEN/) });
    expect(performance.now() - startedAt).toBeLessThan(500);
    await forwarder.listenAgain();
    await isUp(true);
    expect(await ping()).toBe('PONG');
    expect(changes).toEqual([false, true]);
  });

  it('D10 the breaker opens after three failures, and the watch closes it when Redis is back', async () => {
    await ping();
    await forwarder.refuse();
    await isUp(false);
    for (let calls = 0; calls < 3; calls++) await rejection(ping());
    const breaker = harness.reliability.breaker('redis');
    expect(breaker.config.threshold).toBe(3);
    expect(breaker.state).toBe('open');
    expect(await rejection(ping())).toMatchObject({ code: 'CIRCUIT_OPEN' });
    await forwarder.listenAgain();
    await isUp(true);
    expect(breaker.state).toBe('closed');
  });

  it('R08 a write that may have been carried out is repeated only where that was allowed', async () => {
    await ping();
    let tries = 0;
    const dieOnce = async (client: { incr(key: string): Promise<number> }): Promise<number> => {
      tries++;
      const sent = client.incr('counted');
      if (tries === 1) forwarder.reset();
      return sent;
    };
    expect(await rejection(store.execute('incr', dieOnce))).toMatchObject({ code: 'REDIS_UNAVAILABLE', maybeExecuted: true });
    expect(tries).toBe(1);
    await until(async () => (await ping().catch(() => '')) === 'PONG', 'the connection to be back');
    tries = 0;
    expect(await store.execute('incr', dieOnce, { idempotent: true })).toBeGreaterThan(0);
    expect(tries).toBe(2);
  });

  it('R11 tells a refused command from a Redis that is gone, and leaves the caller\'s own errors alone', async () => {
    await store.execute('set', (client) => client.set('text', 'abc'));
    expect(await rejection(store.execute('incr', (client) => client.incr('text')))).toMatchObject({ code: 'REDIS_REFUSED', retriable: false });
    const own = new Error('mine');
    expect(await rejection(store.execute('own', () => Promise.reject(own)))).toBe(own);
    expect(harness.reliability.breaker('redis').state).toBe('closed');
  });

  it('R08 an abort and a deadline end the wait for a reply', async () => {
    await ping();
    forwarder.silence();
    const controller = new AbortController();
    const waiting = rejection(store.execute('get', (client) => client.get('k'), { signal: controller.signal }));
    controller.abort(new Error('not wanted'));
    expect((await waiting).message).toBe('not wanted');
  });

  it('C03 a script runs though the server has forgotten it', async () => {
    const script = defineScript(`return {KEYS[1], ARGV[1]}`);
    const run = () => store.execute('script', (client) => runScript(client, script, ['k'], ['v']));
    expect(await run()).toEqual(['k', 'v']);
    expect(await run()).toEqual(['k', 'v']);
    await store.execute('script', (client) => client.script('FLUSH'));
    expect(await run()).toEqual(['k', 'v']);
    const failing = defineScript(`return redis.call('INCR', KEYS[1], 'too', 'many')`);
    expect(await rejection(store.execute('script', (client) => runScript(client, failing, ['k'], [])))).toMatchObject({ code: 'REDIS_REFUSED' });
  });

  it('F12 closing leaves no connection behind, and later calls are refused', async () => {
    await ping();
    await store.close();
    await until(() => forwarder.open === 0, 'the connection to be closed');
    expect(await rejection(ping())).toMatchObject({ code: 'REDIS_UNAVAILABLE', retriable: false });
  });
});
