import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RetryBudget } from '../../src/reliability/index.ts';
import { VirtualClock } from '../helpers/virtual-clock.ts';
import { failing, virtualManager, watch } from './helpers.ts';

type Step = { readonly kind: 'call' } | { readonly kind: 'retry' } | { readonly kind: 'wait'; readonly ms: number };
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.constant({ kind: 'call' } as const) },
  { weight: 8, arbitrary: fc.constant({ kind: 'retry' } as const) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 5_000 }) }) },
);

describe('retry budget', () => {
  test('R04 never grants more than its reserve, its share of calls and what time earned', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({ ratio: fc.double({ min: 0, max: 1, noNaN: true }), reserve: fc.integer({ min: 0, max: 20 }), refillPerSecond: fc.integer({ min: 0, max: 5 }) }),
        fc.array(step, { maxLength: 300 }),
        async (config, steps) => {
          const clock = new VirtualClock();
          const budget = new RetryBudget(clock, config);
          let calls = 0;
          let granted = 0;
          for (const { kind, ...rest } of steps) {
            if (kind === 'call') {
              calls++;
              budget.deposit();
            } else if (kind === 'retry') granted += budget.withdraw() ? 1 : 0;
            else await clock.advance((rest as { ms: number }).ms);
            expect(granted).toBeLessThanOrEqual(config.reserve + config.ratio * calls + (config.refillPerSecond * clock.monotonicMs()) / 1_000 + 1e-6);
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  test('R04 a long quiet time does not save up retries for a storm', async () => {
    const clock = new VirtualClock();
    const budget = new RetryBudget(clock, { ratio: 0.2, reserve: 10, refillPerSecond: 1 });
    await clock.advance(24 * 3_600_000);
    expect(budget.available).toBe(10);
  });

  test('R04 calls that an open circuit refuses earn nothing', async () => {
    const { manager, clock } = virtualManager();
    const options = { retry: { jitter: 'none', budget: { ratio: 1, reserve: 0, refillPerSecond: 0 } } } as const;
    const release = manager.breaker('orders').isolate();
    for (let call = 0; call < 50; call++) await manager.executeSafely(async () => 1, 'orders.get', options).catch(() => undefined);
    release();
    manager.breaker('orders').reset();
    const operation = failing(Infinity, 0);
    watch(manager.executeSafely(operation, 'orders.get', options));
    await clock.advance(60_000);
    // Its own attempt earned the one retry.
    expect(operation.calls).toBe(2);
  });

  test('R04 in an outage the retries of a thousand calls stay a fifth of them', async () => {
    const { clock, manager, events } = virtualManager();
    const operation = failing(Infinity, 0);
    const options = { breaker: false, bulkhead: false, retry: { budget: { ratio: 0.2, reserve: 0, refillPerSecond: 0 } } } as const;
    const outcomes = [];
    for (let wave = 0; wave < 10; wave++) {
      for (let call = 0; call < 100; call++) outcomes.push(watch(manager.executeSafely(operation, 'orders.get', options)));
      await clock.advance(1_000);
    }
    await clock.advance(120_000);
    expect(outcomes.every((outcome) => outcome.settled)).toBe(true);
    expect(operation.calls).toBeGreaterThan(1_150);
    expect(operation.calls).toBeLessThanOrEqual(1_200);
    expect(events.filter((event) => event.type === 'call.gave_up' && event.why === 'budget-used-up').length).toBeGreaterThan(700);
  });
});
