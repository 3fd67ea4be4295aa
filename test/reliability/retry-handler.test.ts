import * as fc from 'fast-check';
import pRetry from 'p-retry';
import { describe, expect, test } from 'vitest';
import { createRng } from '../../src/core/rng.ts';
import { CircuitBreaker, RetryBudget, RetryHandler } from '../../src/reliability/index.ts';
import { VirtualClock } from '../helpers/virtual-clock.ts';
import { failing, refusedConnection, watch } from './helpers.ts';

describe('RetryHandler by itself', () => {
  test('R04 calls as often as p-retry does, and ends as it does, whatever fails', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 4 }), async (failures, retries) => {
        const clock = new VirtualClock();
        const handler = new RetryHandler({ clock, rng: createRng('x'), config: { maxAttempts: retries + 1, budget: false } });
        const ours = failing(failures, 'value');
        const outcome = watch(handler.execute(ours));
        await clock.advance(600_000);
        const theirs = failing(failures, 'value');
        const reference = await pRetry(theirs, { retries, minTimeout: 0, maxTimeout: 0 }).then(
          (value) => ({ value }),
          (error: unknown) => ({ error }),
        );
        expect(ours.calls).toBe(theirs.calls);
        expect('value' in outcome).toBe('value' in reference);
      }),
      { numRuns: 30 },
    );
  });

  test('R04 shares a breaker and a budget that it is given', async () => {
    const clock = new VirtualClock();
    const rng = createRng('x');
    const breaker = new CircuitBreaker({ key: 'shared', clock, rng, config: { threshold: 2 } });
    const budget = new RetryBudget(clock, { ratio: 0, reserve: 1, refillPerSecond: 0 });
    const handlers = [1, 2].map(() => new RetryHandler({ clock, rng, breaker, budget }));
    const operation = failing(Infinity, 0, refusedConnection);
    const outcomes = handlers.map((handler) => watch(handler.execute(operation)));
    await clock.advance(10_000);
    expect(outcomes.every((outcome) => outcome.settled)).toBe(true);
    expect(breaker.state).toBe('open');
    expect(operation.calls).toBe(2);
    expect(budget.available).toBe(0);
  });

  test('R04 answers with a fallback and knows the idempotency key', async () => {
    const handler = new RetryHandler({ clock: new VirtualClock(), rng: createRng('x'), config: { maxAttempts: 1 } });
    let key: string | undefined;
    const down = ({ idempotencyKey }: { idempotencyKey: string | undefined }): Promise<string> => {
      key = idempotencyKey;
      return Promise.reject(refusedConnection());
    };
    await expect(handler.execute(down, { idempotencyKey: 'k-1', fallback: () => 'template' })).resolves.toBe('template');
    expect(key).toBe('k-1');
  });
});
