import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { healthScore, healthStatus, systemScore } from '../../src/reliability/index.ts';
import { KeyedRegistry } from '../../src/reliability/keyed-registry.ts';
import { never, refusedConnection, virtualManager, watch } from './helpers.ts';

const once = { retry: { maxAttempts: 1 }, breaker: false } as const;

describe('health of a component', () => {
  test('R10 shows success rate, breaker state and errors', async () => {
    const { manager } = virtualManager();
    for (let call = 0; call < 3; call++) await manager.executeSafely(async () => 1, 'orders.get');
    await manager.executeSafely(() => Promise.reject(refusedConnection()), 'orders.list', { retry: { maxAttempts: 1 }, correlationId: 'c-9' }).catch(() => undefined);
    expect(manager.health().components['orders']).toMatchObject({
      component: 'orders',
      successRate: 0.75,
      calls: 4,
      failures: 1,
      breaker: 'closed',
      lastErrors: [{ operation: 'orders.list', kind: 'connection', code: 'ECONNREFUSED', correlationId: 'c-9' }],
    });
  });

  test('R10 keeps the last 100 errors, oldest first, and none of the refusals', async () => {
    const { manager } = virtualManager();
    for (let call = 0; call < 130; call++) await manager.executeSafely(() => Promise.reject(new Error(`failure ${call}`)), 'orders.get', once).catch(() => undefined);
    manager.breaker('orders').isolate();
    for (let call = 0; call < 50; call++) await manager.executeSafely(never, 'orders.get').catch(() => undefined);
    const orders = manager.health().components['orders'];
    expect(orders?.lastErrors).toHaveLength(100);
    expect(orders?.lastErrors[0]?.message).toBe('failure 30');
    expect(orders?.lastErrors[99]?.message).toBe('failure 129');
    expect(orders).toMatchObject({ refused: 50, failures: 180 });
  });

  test('R10 long messages are cut', async () => {
    const { manager } = virtualManager();
    await manager.executeSafely(() => Promise.reject(new Error('x'.repeat(10_000))), 'orders.get', once).catch(() => undefined);
    expect(manager.health().components['orders']?.lastErrors[0]?.message.length).toBe(300);
  });

  test('R10 the success rate is that of the last minute', async () => {
    const { manager, clock } = virtualManager();
    await manager.executeSafely(() => Promise.reject(refusedConnection()), 'orders.get', once).catch(() => undefined);
    expect(manager.health().components['orders']?.successRate).toBe(0);
    await clock.advance(70_000);
    await manager.executeSafely(async () => 1, 'orders.get');
    expect(manager.health().components['orders']).toMatchObject({ successRate: 1, score: 100, callsInLastMinute: 1, calls: 2 });
  });

  test('R10 cancelled calls do not count', async () => {
    const { manager } = virtualManager();
    await manager.executeSafely(never, 'orders.get', { signal: AbortSignal.abort(new Error('x')) }).catch(() => undefined);
    expect(manager.health().components['orders']).toMatchObject({ calls: 0, failures: 0, score: 100 });
  });
});

describe('scores', () => {
  test('R10 penalties: an open breaker 40, no success 50, only timeouts 10', () => {
    const base = { breaker: 'closed', successRate: 1, callsInLastMinute: 10, recentErrors: 0, recentTimeouts: 0 } as const;
    expect(healthScore(base)).toBe(100);
    expect(healthScore({ ...base, breaker: 'half-open' })).toBe(80);
    expect(healthScore({ ...base, breaker: 'open' })).toBe(60);
    expect(healthScore({ ...base, breaker: 'isolated' })).toBe(60);
    expect(healthScore({ ...base, successRate: 0.5, recentErrors: 5 })).toBe(75);
    expect(healthScore({ ...base, breaker: 'open', successRate: 0, recentErrors: 5, recentTimeouts: 5 })).toBe(0);
  });

  test('R10 a score stays within 0 and 100 and falls with the success rate', () => {
    fc.assert(
      fc.property(fc.constantFrom('closed', 'open', 'half-open', 'isolated', undefined), fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(100), (breaker, one, other, recentErrors) => {
        const score = (successRate: number): number => healthScore({ breaker, successRate, callsInLastMinute: 10, recentErrors, recentTimeouts: recentErrors });
        const [low, high] = [Math.min(one, other), Math.max(one, other)];
        expect(score(low)).toBeGreaterThanOrEqual(0);
        expect(score(high)).toBeLessThanOrEqual(100);
        expect(score(low)).toBeLessThanOrEqual(score(high));
      }),
    );
  });

  test('R10 one dead component among healthy ones shows in the whole', () => {
    expect(systemScore([])).toBe(100);
    expect(systemScore([100, 100, 100])).toBe(100);
    expect(systemScore([...Array.from({ length: 14 }, () => 100), 0])).toBe(47);
    expect([healthStatus(80), healthStatus(79), healthStatus(40), healthStatus(39)]).toEqual(['healthy', 'degraded', 'degraded', 'unhealthy']);
  });

  test('R10 the system’s health is made of its components and breakers', async () => {
    const { manager, clock } = virtualManager();
    await manager.executeSafely(async () => 1, 'redis.get');
    for (let call = 0; call < 5; call++) {
      const outcome = watch(manager.executeSafely(never, 'llm.ask', { retry: { maxAttempts: 1 }, timeoutMs: 10 }));
      await clock.advance(10);
      expect(outcome.settled).toBe(true);
    }
    const health = manager.health();
    expect(health.breakers).toEqual({ redis: 'closed', llm: 'open' });
    expect(health.components['llm']).toMatchObject({ score: 0, breaker: 'open', timeouts: 5, successRate: 0 });
    expect(health).toMatchObject({ score: 25, status: 'unhealthy' });
  });
});

describe('registry of keys', () => {
  test('R10 forgets what was used longest ago, never what is still needed', () => {
    const registry = new KeyedRegistry<{ needed: boolean }>(10, (value) => value.needed);
    for (let key = 0; key < 10; key++) registry.set(`k${key}`, { needed: key === 1 });
    registry.get('k0');
    registry.set('new', { needed: false });
    expect([registry.get('k0') !== undefined, registry.get('k1') !== undefined, registry.get('k2') !== undefined, registry.get('new') !== undefined]).toEqual([true, true, false, true]);
    expect(registry.size).toBe(10);
  });

  test('R10 a manager called with ever new names stays bounded, and keeps open circuits', async () => {
    const { manager } = virtualManager({ maxKeys: 100 });
    await manager.executeSafely(() => Promise.reject(refusedConnection()), 'sick.call', { retry: { maxAttempts: 1, breaker: { threshold: 1 } } }).catch(() => undefined);
    for (let name = 0; name < 1_000; name++) await manager.executeSafely(async () => 1, `service-${name}.call`);
    const { components, breakers } = manager.health();
    expect(Object.keys(components).length).toBeLessThanOrEqual(100);
    expect(Object.keys(breakers).length).toBeLessThanOrEqual(100);
    expect(breakers['sick']).toBe('open');
  });

  test('R10 a dependency in use is not forgotten, however old it is: its calls and its lookups share one breaker', async () => {
    const { manager } = virtualManager({ maxKeys: 50 });
    const breaker = manager.breaker('redis');
    for (let name = 0; name < 500; name++) {
      await manager.executeSafely(async () => 1, 'redis.get');
      await manager.executeSafely(async () => 1, `service-${name}.call`);
    }
    expect(manager.breaker('redis')).toBe(breaker);
    expect(manager.health().components['redis']?.calls).toBe(500);
  });

  test('R10 what was forgotten starts anew, everywhere at once', async () => {
    const { manager } = virtualManager({ maxKeys: 20 });
    await manager.executeSafely(async () => 1, 'old.call');
    for (let name = 0; name < 100; name++) await manager.executeSafely(async () => 1, `service-${name}.call`);
    for (let failure = 0; failure < 5; failure++) await manager.executeSafely(() => Promise.reject(refusedConnection()), 'old.call', { retry: { maxAttempts: 1 } }).catch(() => undefined);
    expect(manager.breaker('old').state).toBe('open');
    expect(manager.health().components['old']?.calls).toBe(5);
  });
});
