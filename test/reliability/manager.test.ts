import { describe, expect, test } from 'vitest';
import { createRng } from '../../src/core/rng.ts';
import { CircuitBreakerOpenError, ReliabilityManager, TimeoutError, type ReliabilityEvent } from '../../src/reliability/index.ts';
import { VirtualClock } from '../helpers/virtual-clock.ts';

function setUp(options: Partial<ConstructorParameters<typeof ReliabilityManager>[0]> = {}) {
  const clock = new VirtualClock();
  const manager = new ReliabilityManager({ clock, rng: createRng('test'), ...options });
  const events: ReliabilityEvent[] = [];
  manager.events.on((event) => events.push(event));
  return { clock, manager, events };
}

const refused = (): Error => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

describe('executeSafely', () => {
  test('R09 a call that succeeds gives its value, agent_thinking and agent_completed', async () => {
    const { manager, events } = setUp();
    await expect(manager.executeSafely(async (context) => `${context.name} ${context.attempt}`, 'orders.get', { correlationId: 'c-1' })).resolves.toBe('orders.get 1');
    expect(events.map((event) => event.type)).toEqual(['agent_thinking', 'agent_completed', 'call.completed']);
    expect(events[0]).toMatchObject({ name: 'orders.get', service: 'orders', correlationId: 'c-1', profile: 'API' });
    expect(manager.health().components['orders']).toMatchObject({ calls: 1, failures: 0, score: 100 });
  });

  test('R09 a failing call is retried with backoff, and its error reaches the caller with agent_error', async () => {
    const { manager, events, clock } = setUp();
    let calls = 0;
    const outcome = manager.executeSafely(async () => {
      calls++;
      throw refused();
    }, 'orders.get');
    const settled = expect(outcome).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await clock.advance(60_000);
    await settled;
    expect(calls).toBe(3);
    expect(events.filter((event) => event.type === 'call.retry')).toHaveLength(2);
    expect(events.map((event) => event.type)).toContain('agent_error');
    expect(clock.pendingTimers).toBe(0);
  });

  test('R08 a call that does not answer is aborted with a TimeoutError', async () => {
    const { manager, clock } = setUp();
    let signal: AbortSignal | undefined;
    const outcome = manager.executeSafely(
      (context) => {
        ({ signal } = context);
        return new Promise(() => undefined);
      },
      'orders.get',
      { timeoutMs: 100 },
    );
    const settled = expect(outcome).rejects.toBeInstanceOf(TimeoutError);
    await clock.advance(100);
    await settled;
    expect(signal?.reason).toBeInstanceOf(TimeoutError);
  });

  test('R06 after five failures the breaker refuses', async () => {
    const { manager } = setUp();
    for (let call = 0; call < 5; call++) {
      await manager.executeSafely(() => Promise.reject(refused()), 'orders.get', { retry: { maxAttempts: 1 } }).catch(() => undefined);
    }
    await expect(manager.executeSafely(async () => 1, 'orders.get')).rejects.toBeInstanceOf(CircuitBreakerOpenError);
    expect(manager.breaker('orders').state).toBe('open');
  });
});
