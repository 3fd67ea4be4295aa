import { describe, expect, test } from 'vitest';
import { deadlineAfter } from '../../src/core/deadline.ts';
import { CircuitBreakerOpenError, ReliabilityConfigError, type ProfileName, type ReliabilityEvent } from '../../src/reliability/index.ts';
import { failing, never, refusedConnection, systemError, turns, virtualManager, watch } from './helpers.ts';

const down = (): Promise<never> => Promise.reject(refusedConnection());

function throwing(): Promise<never> {
  throw systemError('ENOENT');
}

describe('executeSafely', () => {
  test('R09 a call that succeeds gives its value, agent_thinking and agent_completed', async () => {
    const { manager, events, types } = virtualManager();
    await expect(manager.executeSafely(async (context) => `${context.name} ${context.attempt} ${context.correlationId}`, 'orders.get', { correlationId: 'c-1' })).resolves.toBe('orders.get 1 c-1');
    expect(types()).toEqual(['agent_thinking', 'agent_completed', 'call.completed']);
    expect(events[0]).toMatchObject({ name: 'orders.get', service: 'orders', correlationId: 'c-1', profile: 'API' });
    expect(manager.health().components['orders']).toMatchObject({ calls: 1, failures: 0, score: 100 });
  });

  test('R09 a failing call is retried with backoff, and its own error reaches the caller with agent_error', async () => {
    const { manager, clock, events, types } = virtualManager();
    const operation = failing(Infinity, 0);
    const outcome = watch(manager.executeSafely(operation, 'orders.get'));
    await clock.advance(60_000);
    expect(outcome.error).toMatchObject({ code: 'ECONNREFUSED' });
    expect(operation.calls).toBe(3);
    expect(types()).toEqual(['agent_thinking', 'call.retry', 'call.retry', 'call.gave_up', 'agent_error', 'call.completed']);
    expect(events.at(-2)).toMatchObject({ errorKind: 'connection', attempts: 3 });
    expect(events[3]).toMatchObject({ why: 'attempts-used-up' });
    expect(clock.pendingTimers).toBe(0);
  });

  test('R09 a call that recovers completes once', async () => {
    const { manager, clock, types } = virtualManager();
    const operation = failing(2, 'value');
    const outcome = watch(manager.executeSafely(operation, 'orders.get'));
    await clock.advance(60_000);
    expect(outcome.value).toBe('value');
    expect(types().filter((type) => type === 'agent_completed')).toHaveLength(1);
    expect(manager.health().components['orders']).toMatchObject({ calls: 1, failures: 0, retries: 2 });
  });

  test('R09 operations that throw at once or give no promise are treated alike', async () => {
    const { manager } = virtualManager();
    await expect(manager.executeSafely(throwing, 'file.read', { profile: 'FILE' })).rejects.toMatchObject({ code: 'ENOENT' });
    const plain = (() => 7) as unknown as () => Promise<number>;
    await expect(manager.executeSafely(plain, 'file.size')).resolves.toBe(7);
  });

  test('R09 a thrown value that is no Error arrives as one, with the value as its cause', async () => {
    const { manager } = virtualManager();
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- what a careless client does
    await expect(manager.executeSafely(() => Promise.reject('nope'), 'x.y', { retry: { maxAttempts: 1 } })).rejects.toMatchObject({ message: 'nope', cause: 'nope' });
  });

  test('R09 wrong settings are refused before anything is called', async () => {
    const { manager } = virtualManager();
    let called = false;
    await expect(manager.executeSafely(async () => (called = true), 'x.y', { retry: { maxAttempts: 0, strategy: 'magic' as 'fixed' } })).rejects.toBeInstanceOf(ReliabilityConfigError);
    expect(called).toBe(false);
  });
});

describe('retries and the breaker', () => {
  test('R07 no attempt is spent on an open breaker, and no time either', async () => {
    const { manager, clock, events } = virtualManager();
    manager.breaker('orders').isolate();
    let called = false;
    await expect(manager.executeSafely(async () => (called = true), 'orders.get')).rejects.toBeInstanceOf(CircuitBreakerOpenError);
    expect(called).toBe(false);
    expect(clock.monotonicMs()).toBe(0);
    expect(events).toContainEqual(expect.objectContaining({ type: 'breaker.refused', key: 'orders', state: 'isolated' }));
  });

  test('R07 when an attempt opens the breaker, the call fails at once with the error that opened it', async () => {
    const { manager, clock, events } = virtualManager();
    const operation = failing(Infinity, 0);
    await expect(manager.executeSafely(operation, 'orders.get', { retry: { breaker: { threshold: 1 } } })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(operation.calls).toBe(1);
    expect(clock.monotonicMs()).toBe(0);
    expect(events).toContainEqual(expect.objectContaining({ type: 'call.gave_up', why: 'circuit-open' }));
  });

  test('R07 a circuit that another call opens during the wait ends it without another attempt', async () => {
    const { manager, clock } = virtualManager();
    const operation = failing(Infinity, 0);
    const outcome = watch(manager.executeSafely(operation, 'orders.get', { retry: { jitter: 'none' } }));
    await turns();
    manager.breaker('orders').isolate();
    await clock.advance(60_000);
    expect(operation.calls).toBe(1);
    expect(outcome.error).toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('R07 a wait that outlasts the open time ends in a probe', async () => {
    const { manager, clock } = virtualManager();
    const operation = failing(1, 'back');
    const outcome = watch(manager.executeSafely(operation, 'orders.get', { retry: { strategy: 'fixed', jitter: 'none', baseDelayMs: 2_000, breaker: { threshold: 1, recoveryMs: 1_000 } } }));
    await clock.advance(2_000);
    expect(outcome.value).toBe('back');
    expect(manager.breaker('orders').state).toBe('closed');
  });

  test('R06 calls share the breaker of their service, or of the key given', async () => {
    const { manager } = virtualManager();
    const once = { retry: { maxAttempts: 1, breaker: { threshold: 2 } } };
    await manager.executeSafely(down, 'orders.get', once).catch(() => undefined);
    await manager.executeSafely(down, 'orders.list', once).catch(() => undefined);
    expect(manager.breaker('orders').state).toBe('open');
    await manager.executeSafely(async () => 1, 'orders.other', { breaker: 'orders-replica' });
    expect(manager.breaker('orders-replica').state).toBe('closed');
    await expect(manager.executeSafely(async () => 'past it', 'orders.get', { breaker: false })).resolves.toBe('past it');
  });

  test('R06 a breaker looked up before its first call gets the settings of that call, and keeps its state', async () => {
    const { manager } = virtualManager();
    const breaker = manager.breaker('reporting');
    breaker.isolate();
    await manager.executeSafely(never, 'reporting.run', { profile: 'AGENT' }).catch(() => undefined);
    expect(manager.breaker('reporting')).toBe(breaker);
    expect(breaker.config.threshold).toBe(3);
    expect(breaker.state).toBe('isolated');
  });

  test('R06 settings of single breakers overrule the profile', async () => {
    const { manager } = virtualManager({ breakers: { orders: { threshold: 1, recoveryMs: 5 } } });
    await manager.executeSafely(down, 'orders.get', { retry: { maxAttempts: 1 } }).catch(() => undefined);
    expect(manager.breaker('orders')).toMatchObject({ state: 'open', retryAfterMs: 5 });
  });

  test('R06 transitions are events', async () => {
    const { manager, clock, events } = virtualManager();
    const options = { retry: { maxAttempts: 1, breaker: { threshold: 1, recoveryMs: 100 } } };
    await manager.executeSafely(down, 'orders.get', options).catch(() => undefined);
    await clock.advance(100);
    await manager.executeSafely(async () => 1, 'orders.get', options);
    const transitions = events.filter((event): event is Extract<ReliabilityEvent, { type: 'breaker.transition' }> => event.type === 'breaker.transition');
    expect(transitions.map(({ from, to }) => `${from}>${to}`)).toEqual(['closed>open', 'open>half-open', 'half-open>closed']);
  });
});

describe('switched off', () => {
  test('D11 one attempt, no breaker, no bulkhead, no hedge, no fallback', async () => {
    const { manager, clock, types } = virtualManager({ enabled: false });
    const operation = failing(Infinity, 0);
    const options = { fallback: () => 0, hedge: { delayMs: 1 }, bulkhead: { maxConcurrent: 1, maxQueued: 0 }, idempotent: true, retry: { breaker: { threshold: 1 } } } as const;
    for (let call = 0; call < 3; call++) await expect(manager.executeSafely(operation, 'orders.get', options)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(operation.calls).toBe(3);
    expect(clock.monotonicMs()).toBe(0);
    expect(types()).not.toContain('call.retry');
    expect(manager.health().breakers).toEqual({});
    const hanging = [1, 2, 3].map(() => watch(manager.executeSafely(never, 'orders.get', { ...options, timeoutMs: 50 })));
    await clock.advance(50);
    expect(hanging.map((outcome) => (outcome.error as { code?: string }).code)).toEqual(['CALL_TIMEOUT', 'CALL_TIMEOUT', 'CALL_TIMEOUT']);
  });

  test('D11 timeouts, abort, events and health stay', async () => {
    const { manager, clock, types } = virtualManager({ enabled: false });
    const run = new AbortController();
    const slow = watch(manager.executeSafely(never, 'orders.get', { timeoutMs: 100 }));
    const stopped = watch(manager.executeSafely(never, 'orders.get', { signal: run.signal }));
    const reason = new Error('stop');
    run.abort(reason);
    await clock.advance(100);
    expect(slow.error).toMatchObject({ code: 'CALL_TIMEOUT' });
    expect(stopped.error).toBe(reason);
    await manager.executeSafely(async () => 1, 'orders.get');
    expect(types()).toEqual(expect.arrayContaining(['agent_thinking', 'agent_completed', 'agent_error', 'call.timeout']));
    expect(manager.health().components['orders']).toMatchObject({ calls: 2, failures: 1 });
  });
});

describe('single mechanisms switched off', () => {
  const options = { idempotent: true, retry: { maxAttempts: 3, attemptTimeoutMs: 50, breaker: { threshold: 2 } } } as const;

  test('D11 retry: one attempt and no hedge; the breaker still opens', async () => {
    const { manager, clock, types } = virtualManager({ mechanisms: { retry: false } });
    const operation = failing(Infinity, 0);
    for (let call = 0; call < 3; call++) await manager.executeSafely(operation, 'orders.get', { ...options, hedge: { delayMs: 1 } }).catch(() => undefined);
    expect(operation.calls).toBe(2);
    expect(manager.breaker('orders').state).toBe('open');
    const hanging = watch(manager.executeSafely(never, 'slow.get', { ...options, hedge: { delayMs: 1 } }));
    await clock.advance(50);
    expect(hanging.settled).toBe(true);
    expect(types()).not.toContain('call.retry');
    expect(types()).not.toContain('call.hedged');
  });

  test('D11 breaker: no call is refused; failures are still tried again', async () => {
    const { manager, clock } = virtualManager({ mechanisms: { breaker: false } });
    const operation = failing(Infinity, 0);
    const outcomes = [1, 2, 3].map(() => watch(manager.executeSafely(operation, 'orders.get', options)));
    await clock.advance(60_000);
    expect(outcomes.map(({ error }) => (error as { code?: string }).code)).toEqual(['ECONNREFUSED', 'ECONNREFUSED', 'ECONNREFUSED']);
    expect(operation.calls).toBe(9);
    expect(manager.health().breakers).toEqual({});
  });

  test('D11 timeout: neither attempt, timeout nor deadline end a call, its caller does', async () => {
    const { manager, clock } = virtualManager({ mechanisms: { timeout: false } });
    const caller = new AbortController();
    const waiting = watch(manager.executeSafely(never, 'orders.get', { ...options, timeoutMs: 10, deadline: deadlineAfter(clock, 10), signal: caller.signal }));
    await clock.advance(3_600_000);
    expect(waiting.settled).toBe(false);
    caller.abort(new Error('enough'));
    await turns();
    expect(waiting.error).toMatchObject({ message: 'enough' });
  });
});

describe('profiles', () => {
  const names: readonly ProfileName[] = ['DATABASE', 'LLM', 'AGENT', 'API', 'WEBSOCKET', 'FILE'];

  test.each(names)('R05 %s has retry, timeouts, health and typed events', async (profile) => {
    const { manager, clock, types } = virtualManager();
    const operation = failing(1, 'value');
    const outcome = watch(manager.executeSafely(operation, 'x.y', { profile, idempotent: true }));
    await clock.advance(30_000);
    expect(outcome.value).toBe('value');
    expect(types()).toContain('call.retry');
    expect(types().includes('agent_completed')).toBe(profile !== 'LLM');
    expect(manager.health().components['x']).toMatchObject({ calls: 1, breaker: profile === 'FILE' ? undefined : 'closed' });
    const silent = watch(manager.executeSafely(never, 'x.z', { profile, idempotent: false }));
    await clock.advance(400_000);
    expect(silent.error).toMatchObject({ code: 'CALL_TIMEOUT' });
  });

  test('R05 configuration overrides single fields of a profile', async () => {
    const { manager } = virtualManager({ profiles: { DATABASE: { retry: { maxAttempts: 1 }, agentEvents: false } } });
    const operation = failing(Infinity, 0);
    await expect(manager.executeSafely(operation, 'db.query', { profile: 'DATABASE' })).rejects.toThrow('ECONNREFUSED');
    expect(operation.calls).toBe(1);
  });

  test('R05 settings of the breaker are overridden one by one, in configuration and in a call', async () => {
    const { manager } = virtualManager({ profiles: { DATABASE: { retry: { breaker: { threshold: 4 } } } } });
    await manager.executeSafely(async () => 1, 'db.query', { profile: 'DATABASE' });
    expect(manager.breaker('db').config).toMatchObject({ threshold: 4, recoveryMs: 30_000 });
    await manager.executeSafely(async () => 1, 'other.query', { profile: 'DATABASE', retry: { breaker: { threshold: 2 } } });
    expect(manager.breaker('other').config).toMatchObject({ threshold: 2, recoveryMs: 30_000 });
  });

  test('R05 impossible configuration is refused when the manager is made', () => {
    expect(() => virtualManager({ profiles: { API: { retry: { maxDelayMs: Number.NaN } } } })).toThrow(ReliabilityConfigError);
  });
});
