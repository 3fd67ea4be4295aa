import { getEventListeners } from 'node:events';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deadlineAfter } from '../../src/core/deadline.ts';
import { systemClock } from '../../src/core/clock.ts';
import { createRng } from '../../src/core/rng.ts';
import { DeadlineExceededError, ReliabilityManager, RetryHandler, TimeoutError } from '../../src/reliability/index.ts';
import { joinSignal } from '../../src/reliability/timeout/signal-hub.ts';
import { TimeoutQueue } from '../../src/reliability/timeout/timeout-queue.ts';
import { VirtualClock } from '../helpers/virtual-clock.ts';
import { never, turns, virtualManager, watch } from './helpers.ts';

const timers = (): number => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;

describe('timeout queue', () => {
  test('R08 every timeout fires once, not early, in order, and cancelled ones never', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.record({ timeoutMs: fc.integer({ min: 1, max: 200 }), cancelAfterMs: fc.option(fc.integer({ min: 0, max: 250 })), startAfterMs: fc.integer({ min: 0, max: 20 }) }), { maxLength: 30 }), async (entries) => {
        const clock = new VirtualClock();
        const queue = new TimeoutQueue(clock);
        const fired = new Map<number, number>();
        const expected = new Map<number, number>();
        for (const [index, entry] of entries.entries()) {
          await clock.advance(entry.startAfterMs);
          const dueMs = clock.monotonicMs() + entry.timeoutMs;
          const ticket = queue.add(clock.monotonicMs(), entry.timeoutMs, { expire: () => fired.set(index, clock.monotonicMs()) });
          if (entry.cancelAfterMs === null || entry.cancelAfterMs > entry.timeoutMs) expected.set(index, dueMs);
          if (entry.cancelAfterMs !== null && entry.cancelAfterMs !== entry.timeoutMs) clock.setTimer(entry.cancelAfterMs, () => ticket.cancel());
          else if (entry.cancelAfterMs !== null) expected.set(index, dueMs);
        }
        await clock.advance(1_000);
        await turns();
        expect(fired).toEqual(expected);
        expect(clock.pendingTimers).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  test('R08 a thousand timeouts of one duration use one timer', () => {
    const clock = new VirtualClock();
    const queue = new TimeoutQueue(clock);
    for (let call = 0; call < 1_000; call++) queue.add(clock.monotonicMs(), 5_000, { expire: () => undefined });
    expect(clock.pendingTimers).toBe(1);
  });

  test('R08 a timeout keeps the process alive while it is pending, and not longer', async () => {
    const queue = new TimeoutQueue(systemClock);
    const before = timers();
    const ticket = queue.add(systemClock.monotonicMs(), 60_000, { expire: () => undefined });
    expect(timers()).toBe(before + 1);
    ticket.cancel();
    await turns();
    expect(timers()).toBe(before);
  });

  test('R08 an owner that adds a timeout while one expires is served', async () => {
    const clock = new VirtualClock();
    const queue = new TimeoutQueue(clock);
    const fired: number[] = [];
    queue.add(0, 10, { expire: () => queue.add(clock.monotonicMs(), 10, { expire: () => fired.push(clock.monotonicMs()) }) });
    await clock.advance(30);
    expect(fired).toEqual([20]);
  });
});

describe('signal hub', () => {
  test('R08 ten thousand members are one listener, and none is left when they have gone', async () => {
    const run = new AbortController();
    const tickets = Array.from({ length: 10_000 }, () => joinSignal(run.signal, { cancel: () => undefined }));
    expect(getEventListeners(run.signal, 'abort')).toHaveLength(1);
    for (const ticket of tickets) {
      ticket.leave();
      ticket.leave();
    }
    await turns();
    expect(getEventListeners(run.signal, 'abort')).toHaveLength(0);
  });

  test('R08 every member still there is told once, with the reason', async () => {
    const run = new AbortController();
    const told: unknown[] = [];
    const members = [1, 2, 3].map((member) => joinSignal(run.signal, { cancel: (reason) => told.push([member, reason]) }));
    members[1]?.leave();
    const reason = new Error('operator stopped the run');
    run.abort(reason);
    expect(told).toEqual([
      [3, reason],
      [1, reason],
    ]);
    for (const member of members) member.leave();
    await turns();
    expect(getEventListeners(run.signal, 'abort')).toHaveLength(0);
  });
});

describe('timeouts and deadlines of calls', () => {
  test('R08 the signal of a timed-out attempt aborts with the TimeoutError that the caller gets', async () => {
    const { manager, clock, events } = virtualManager();
    let reason: unknown;
    const outcome = watch(
      manager.executeSafely(
        (context) =>
          new Promise((_, reject) => {
            context.signal.addEventListener('abort', () => {
              ({ reason } = context.signal);
              reject(new Error('the client noticed'));
            });
          }),
        'llm.summarise',
        { profile: 'LLM', retry: { attemptTimeoutMs: 1_000 } },
      ),
    );
    await clock.advance(999);
    expect(outcome.settled).toBe(false);
    await clock.advance(1);
    expect(outcome.error).toBeInstanceOf(TimeoutError);
    expect(outcome.error).toMatchObject({ code: 'CALL_TIMEOUT', timeoutMs: 1_000, scope: 'attempt', maybeExecuted: true });
    expect(reason).toBe(outcome.error);
    expect(events).toContainEqual(expect.objectContaining({ type: 'call.timeout', timeoutMs: 1_000, scope: 'attempt' }));
    await turns();
    expect(clock.pendingTimers).toBe(0);
  });

  test('R08 a signal first read after the timeout is aborted already', async () => {
    const { manager, clock } = virtualManager();
    const read: (() => AbortSignal)[] = [];
    const outcome = watch(
      manager.executeSafely(
        (context) => {
          read.push(() => context.signal);
          return never();
        },
        'x.y',
        { timeoutMs: 50 },
      ),
    );
    await clock.advance(50);
    expect(read[0]?.().aborted).toBe(true);
    expect(read[0]?.().reason).toBe(outcome.error);
  });

  test('R08 each attempt has a signal of its own, and a finished one stays quiet', async () => {
    const { manager, clock } = virtualManager();
    const signals: AbortSignal[] = [];
    const outcome = watch(
      manager.executeSafely(
        async (context) => {
          signals.push(context.signal);
          if (context.attempt === 1) return never();
          return 'second';
        },
        'x.y',
        { idempotent: true, retry: { attemptTimeoutMs: 100, jitter: 'none' } },
      ),
    );
    await clock.advance(1_000);
    expect(outcome.value).toBe('second');
    expect(signals.map((signal) => signal.aborted)).toEqual([true, false]);
    await clock.advance(10_000);
    expect(signals[1]?.aborted).toBe(false);
  });

  test('R08 the total timeout counts waits too, and a wait that cannot end in time is not begun', async () => {
    const { manager, clock } = virtualManager();
    const outcome = watch(
      manager.executeSafely(() => Promise.reject(Object.assign(new Error('x'), { code: 'ECONNREFUSED' })), 'x.y', {
        timeoutMs: 250,
        retry: { maxAttempts: 10, strategy: 'fixed', jitter: 'none', baseDelayMs: 100, budget: false },
      }),
    );
    await clock.advance(200);
    expect(outcome.error).toMatchObject({ code: 'ECONNREFUSED' });
    expect(clock.monotonicMs()).toBe(200);
  });

  test('R08 a deadline reaches the operation, bounded by the attempt, and ends the call with its own error', async () => {
    const { manager, clock } = virtualManager();
    let remainingMs: number | undefined;
    const outcome = watch(
      manager.executeSafely(
        (context) => {
          remainingMs = context.deadline?.remainingMs();
          return never();
        },
        'x.y',
        { deadline: deadlineAfter(clock, 3_000), retry: { attemptTimeoutMs: 10_000 } },
      ),
    );
    expect(remainingMs).toBe(3_000);
    await clock.advance(3_000);
    expect(outcome.error).toBeInstanceOf(DeadlineExceededError);
    expect(outcome.error).toMatchObject({ maybeExecuted: true });
  });

  test('R08 a deadline that has passed sends nothing', async () => {
    const { manager, clock } = virtualManager();
    let called = false;
    const error = await manager.executeSafely(async () => (called = true), 'x.y', { deadline: deadlineAfter(clock, 0) }).catch((thrown: unknown) => thrown);
    expect(called).toBe(false);
    expect(error).toBeInstanceOf(DeadlineExceededError);
    expect(error).toMatchObject({ maybeExecuted: false });
  });

  test('R08 a deadline blames the dependency only where it had most of an attempt', async () => {
    const { manager, clock } = virtualManager();
    const call = async (remainingMs: number): Promise<void> => {
      const outcome = watch(manager.executeSafely(never, 'x.y', { deadline: deadlineAfter(clock, remainingMs), retry: { attemptTimeoutMs: 1_000, breaker: { threshold: 1 } } }));
      await clock.advance(remainingMs);
      expect(outcome.error).toBeInstanceOf(DeadlineExceededError);
    };
    await call(10);
    expect(manager.breaker('x').state).toBe('closed');
    await call(900);
    expect(manager.breaker('x').state).toBe('open');
  });

  test('R08 a child call inherits deadline, signal and correlation id of its parent', async () => {
    const { manager, clock } = virtualManager();
    const seen: unknown[] = [];
    const outcome = watch(
      manager.executeSafely(
        (parent) =>
          manager.executeSafely(
            (child) => {
              seen.push(child.correlationId, child.deadline?.remainingMs());
              return never();
            },
            'inner.call',
            { parent },
          ),
        'outer.call',
        { correlationId: 'c-7', timeoutMs: 500, profile: 'AGENT' },
      ),
    );
    expect(seen).toEqual(['c-7', 500]);
    await clock.advance(500);
    expect(outcome.settled).toBe(true);
    await turns();
    expect(clock.pendingTimers).toBe(0);
  });

  test.each([Number.NaN, -1, 0])('R08 timeoutMs %s is refused, not taken for "never"', async (timeoutMs) => {
    const { manager } = virtualManager();
    await expect(manager.executeSafely(async () => 1, 'x.y', { timeoutMs })).rejects.toMatchObject({ code: 'RELIABILITY_CONFIG_INVALID' });
  });

  test('R08 on the system clock a silent call ends within its timeout', async () => {
    const manager = new ReliabilityManager({ clock: systemClock, rng: createRng('x') });
    const startedAt = systemClock.monotonicMs();
    await expect(manager.executeSafely(never, 'x.y', { timeoutMs: 40 })).rejects.toBeInstanceOf(TimeoutError);
    const tookMs = systemClock.monotonicMs() - startedAt;
    expect(tookMs).toBeGreaterThanOrEqual(39);
    expect(tookMs).toBeLessThan(2_000);
  });
});

describe('abort', () => {
  test('R08 abort at any moment settles at once with the caller’s reason, and leaves no timer and no listener', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 3_000 }),
        fc.array(fc.constantFrom('ok', 'refused', 'hang'), { minLength: 3, maxLength: 3 }),
        fc.boolean(),
        fc.boolean(),
        async (abortAtMs, script, hedged, queued) => {
          const { manager, clock } = virtualManager();
          const run = new AbortController();
          const blocker = new AbortController();
          const bulkhead = { maxConcurrent: 1, maxQueued: 1 } as const;
          if (queued) watch(manager.executeSafely(never, 'x.block', { bulkhead, signal: blocker.signal }));
          const reason = new Error('user left');
          let calls = 0;
          const outcome = watch(
            manager.executeSafely(
              async ({ attempt, signal }) => {
                calls++;
                await clock.sleep(50, signal);
                const step = script[attempt - 1] ?? 'ok';
                if (step === 'refused') throw Object.assign(new Error('no'), { code: 'ECONNREFUSED' });
                return step === 'hang' ? never() : 'value';
              },
              'x.y',
              { signal: run.signal, idempotent: true, bulkhead: queued ? bulkhead : false, hedge: hedged ? { delayMs: 30 } : false, timeoutMs: 5_000, retry: { attemptTimeoutMs: 400, baseDelayMs: 300, jitter: 'equal' } },
            ),
          );
          await clock.advance(abortAtMs);
          const settledBefore = outcome.settled;
          const callsBefore = calls;
          run.abort(reason);
          await turns();
          expect(outcome.settled).toBe(true);
          expect(settledBefore || outcome.error === reason).toBe(true);
          blocker.abort(reason);
          await turns();
          await clock.advance(0);
          expect(clock.pendingTimers).toBe(0);
          expect(getEventListeners(run.signal, 'abort')).toHaveLength(0);
          await clock.advance(60_000);
          expect(calls).toBe(callsBefore);
          expect(manager.breaker('x').state).not.toBe('half-open');
        },
      ),
      { numRuns: 120 },
    );
  });

  test('R08 a signal that is aborted already sends nothing', async () => {
    const { manager, types } = virtualManager();
    let called = false;
    const reason = new Error('too late');
    await expect(manager.executeSafely(async () => (called = true), 'x.y', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(called).toBe(false);
    expect(types()).toEqual(['agent_thinking', 'agent_error', 'call.completed']);
  });

  test('R08 a reason that is no Error is carried as the cause of one', async () => {
    const clock = new VirtualClock();
    const handler = new RetryHandler({ clock, rng: createRng('x') });
    await expect(handler.execute(async () => 1, { signal: AbortSignal.abort('shift ended') })).rejects.toMatchObject({ cause: 'shift ended' });
  });
});
