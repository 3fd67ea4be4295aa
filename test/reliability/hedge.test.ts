import { describe, expect, test } from 'vitest';
import { HedgeLostError, type ExecuteOptions } from '../../src/reliability/index.ts';
import { never, refusedConnection, turns, virtualManager, watch } from './helpers.ts';

const hedged: ExecuteOptions<string> = { idempotent: true, hedge: { delayMs: 100 }, retry: { maxAttempts: 1 } };

describe('hedged reads', () => {
  test('R04 a slow read gets a second attempt, the first answer wins, the loser is aborted', async () => {
    const { manager, clock, events } = virtualManager();
    const signals: AbortSignal[] = [];
    const outcome = watch(
      manager.executeSafely(
        async ({ attempt, signal }) => {
          signals.push(signal);
          await clock.sleep(attempt === 1 ? 5_000 : 50, signal);
          return `answer ${attempt}`;
        },
        'search.find',
        hedged,
      ),
    );
    await clock.advance(99);
    expect(signals).toHaveLength(1);
    await clock.advance(51);
    expect(outcome.value).toBe('answer 2');
    expect(signals[0]?.reason).toBeInstanceOf(HedgeLostError);
    expect(signals[1]?.aborted).toBe(false);
    expect(events).toContainEqual(expect.objectContaining({ type: 'call.hedged', afterMs: 100 }));
    await turns();
    expect(clock.pendingTimers).toBe(0);
    expect(manager.health().components['search']).toMatchObject({ calls: 1, failures: 0 });
  });

  test('R04 a fast read is not hedged, and no timer is left', async () => {
    const { manager, clock } = virtualManager();
    let calls = 0;
    const outcome = watch(manager.executeSafely(async ({ signal }) => (calls++, await clock.sleep(50, signal), 'fast'), 'search.find', hedged));
    await clock.advance(10_000);
    expect(outcome.value).toBe('fast');
    expect(calls).toBe(1);
    expect(clock.pendingTimers).toBe(0);
  });

  test('R04 what is not idempotent is never hedged', async () => {
    const { manager, clock } = virtualManager();
    let calls = 0;
    watch(manager.executeSafely(() => (calls++, never()), 'orders.create', { ...hedged, idempotent: false }));
    await clock.advance(1_000);
    expect(calls).toBe(1);
  });

  test('R04 when one attempt fails the other may still answer', async () => {
    const { manager, clock } = virtualManager();
    const outcome = watch(
      manager.executeSafely(
        async ({ attempt, signal }) => {
          await clock.sleep(attempt === 1 ? 200 : 20, signal);
          if (attempt === 2) throw refusedConnection();
          return 'first';
        },
        'search.find',
        hedged,
      ),
    );
    await clock.advance(200);
    expect(outcome.value).toBe('first');
  });

  test('R04 when all attempts fail the call fails with the last error, once', async () => {
    const { manager, clock, events } = virtualManager();
    const outcome = watch(
      manager.executeSafely(
        async ({ signal }) => {
          await clock.sleep(150, signal);
          throw refusedConnection();
        },
        'search.find',
        hedged,
      ),
    );
    await clock.advance(1_000);
    expect(outcome.error).toMatchObject({ code: 'ECONNREFUSED' });
    expect(events.filter((event) => event.type === 'agent_error')).toHaveLength(1);
  });

  test('R04 as many hedges as configured', async () => {
    const { manager, clock } = virtualManager();
    let calls = 0;
    watch(manager.executeSafely(() => (calls++, never()), 'search.find', { ...hedged, hedge: { delayMs: 100, maxHedges: 2 } }));
    await clock.advance(1_000);
    expect(calls).toBe(3);
  });

  test('R04 hedges draw on the retry budget; an empty one leaves the call alone', async () => {
    const { manager, clock } = virtualManager();
    const options = { ...hedged, retry: { maxAttempts: 1, budget: { ratio: 0, reserve: 2, refillPerSecond: 0 } } };
    let calls = 0;
    const outcomes = Array.from({ length: 5 }, () => watch(manager.executeSafely(async ({ signal }) => (calls++, await clock.sleep(500, signal), 'late'), 'search.find', options)));
    await clock.advance(2_000);
    expect(calls).toBe(7);
    expect(outcomes.map((outcome) => outcome.value)).toEqual(Array.from({ length: 5 }, () => 'late'));
  });

  test('R04 a hedge neither queues at the bulkhead nor holds a slot afterwards', async () => {
    const { manager, clock } = virtualManager();
    const options = { ...hedged, bulkhead: { maxConcurrent: 1, maxQueued: 1 } } as const;
    let calls = 0;
    const first = watch(manager.executeSafely(async ({ signal }) => (calls++, await clock.sleep(500, signal), 'one'), 'search.find', options));
    await clock.advance(500);
    expect(first.value).toBe('one');
    expect(calls).toBe(1);
    const wide = { ...hedged, bulkhead: { maxConcurrent: 2, maxQueued: 0 } } as const;
    for (let round = 0; round < 3; round++) {
      const outcome = watch(manager.executeSafely(async ({ attempt, signal }) => (await clock.sleep(attempt === 1 ? 500 : 10, signal), 'two'), 'wide.find', wide));
      await clock.advance(500);
      expect(outcome.value).toBe('two');
    }
  });

  test('R04 aborting a hedged call aborts every attempt', async () => {
    const { manager, clock } = virtualManager();
    const run = new AbortController();
    const signals: AbortSignal[] = [];
    const outcome = watch(manager.executeSafely(({ signal }) => (signals.push(signal), never()), 'search.find', { ...hedged, signal: run.signal }));
    await clock.advance(100);
    const reason = new Error('stop');
    run.abort(reason);
    await turns();
    expect(outcome.error).toBe(reason);
    expect(signals.map((signal) => signal.reason)).toEqual([reason, reason]);
    expect(clock.pendingTimers).toBe(0);
  });
});
