import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Bulkhead, BulkheadFullError, ReliabilityConfigError, TimeoutError } from '../../src/reliability/index.ts';
import { never, refusedConnection, turns, virtualManager, watch } from './helpers.ts';

function gate() {
  const open: (() => void)[] = [];
  let running = 0;
  let peak = 0;
  return {
    open,
    get running() {
      return running;
    },
    get peak() {
      return peak;
    },
    operation: () =>
      new Promise<number>((resolve) => {
        running++;
        peak = Math.max(peak, running);
        open.push(() => {
          running--;
          resolve(running);
        });
      }),
  };
}

describe('bulkhead', () => {
  test('R08 admits so many at a time, queues so many more in order, refuses the rest at once', async () => {
    const { manager, events } = virtualManager();
    const { open, operation } = gate();
    const order: number[] = [];
    const options = { bulkhead: { maxConcurrent: 2, maxQueued: 3 } } as const;
    const calls = Array.from({ length: 7 }, (_, index) =>
      watch(
        manager.executeSafely(
          () => {
            order.push(index);
            return operation();
          },
          'llm.ask',
          options,
        ),
      ),
    );
    await turns();
    expect(order).toEqual([0, 1]);
    expect(calls[5]?.error).toBeInstanceOf(BulkheadFullError);
    expect(calls[6]?.error).toMatchObject({ code: 'BULKHEAD_FULL', key: 'llm' });
    expect(events.filter((event) => event.type === 'bulkhead.rejected')).toHaveLength(2);
    while (open.length > 0) {
      open.shift()?.();
      await turns();
    }
    expect(order).toEqual([0, 1, 2, 3, 4]);
    expect(calls.slice(0, 5).every((call) => call.settled && call.error === undefined)).toBe(true);
    expect(manager.breaker('llm').state).toBe('closed');
  });

  test('R08 in any order of calls, ends and departures, the limit holds and every slot comes back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 4 }), fc.array(fc.constantFrom('acquire', 'release', 'leave'), { maxLength: 120 }), (maxConcurrent, maxQueued, actions) => {
        const bulkhead = new Bulkhead('k', { maxConcurrent, maxQueued });
        let held = 0;
        let placedRightly = true;
        const waiting: { granted(): void }[] = [];
        for (const action of actions) {
          if (action === 'acquire') {
            const waiter = {
              granted: () => {
                waiting.splice(waiting.indexOf(waiter), 1);
                held++;
              },
            };
            const place = bulkhead.acquire(waiter);
            placedRightly &&= place === (held < maxConcurrent ? 'slot' : waiting.length < maxQueued ? 'queued' : 'full');
            if (place === 'slot') held++;
            if (place === 'queued') waiting.push(waiter);
          } else if (action === 'release' && held > 0) {
            held--;
            bulkhead.release();
          } else if (action === 'leave') {
            const waiter = waiting.pop();
            if (waiter !== undefined) bulkhead.leave(waiter);
          }
          expect(bulkhead.inFlight).toBe(held);
          expect(bulkhead.queued).toBe(waiting.length);
          expect(held).toBeLessThanOrEqual(maxConcurrent);
        }
        expect(placedRightly).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test('R08 a long queue of calls that fail at once drains without recursion', async () => {
    const { manager } = virtualManager();
    const bulkhead = { maxConcurrent: 1, maxQueued: 50_000 } as const;
    const { open, operation } = gate();
    const first = watch(manager.executeSafely(operation, 'x.first', { bulkhead }));
    let failed = 0;
    const options = { bulkhead, breaker: false, retry: { maxAttempts: 1 } } as const;
    for (let call = 0; call < 50_000; call++) {
      manager.executeSafely(() => { throw refusedConnection(); }, 'x.y', options).catch(() => failed++);
    }
    open[0]?.();
    await turns(10);
    expect(first.settled).toBe(true);
    expect(failed).toBe(50_000);
  });

  test('R08 a call that gives up waiting leaves the queue', async () => {
    const { manager, clock } = virtualManager();
    const { open, operation } = gate();
    const options = { bulkhead: { maxConcurrent: 1, maxQueued: 2 } } as const;
    const run = new AbortController();
    const first = watch(manager.executeSafely(operation, 'x.y', options));
    const late = watch(manager.executeSafely(operation, 'x.y', { ...options, timeoutMs: 100 }));
    const aborted = watch(manager.executeSafely(operation, 'x.y', { ...options, signal: run.signal }));
    await clock.advance(100);
    expect(late.error).toBeInstanceOf(TimeoutError);
    expect(late.error).toMatchObject({ scope: 'total', maybeExecuted: false });
    run.abort(new Error('enough'));
    await turns();
    expect(aborted.error).toMatchObject({ message: 'enough' });
    open[0]?.();
    await turns();
    expect(first.settled).toBe(true);
    expect(open).toHaveLength(1);
    const next = watch(manager.executeSafely(async () => 'free', 'x.y', options));
    await turns();
    expect(next.value).toBe('free');
    expect(manager.breaker('x').state).toBe('closed');
  });

  test('R08 an open circuit is not queued for', async () => {
    const { manager } = virtualManager();
    const options = { bulkhead: { maxConcurrent: 1, maxQueued: 10 } } as const;
    void manager.executeSafely(never, 'x.y', options).catch(() => undefined);
    manager.breaker('x').isolate();
    await expect(manager.executeSafely(never, 'x.y', options)).rejects.toMatchObject({ code: 'CIRCUIT_OPEN' });
  });

  test('R08 impossible limits are refused', () => {
    expect(() => new Bulkhead('k', { maxConcurrent: 0, maxQueued: -1 })).toThrow(ReliabilityConfigError);
  });
});
