import { execFile } from 'node:child_process';
import { getEventListeners } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { createRng } from '../../src/core/rng.ts';
import { systemClock } from '../../src/core/clock.ts';
import {
  Bulkhead,
  CircuitBreakerOpenError,
  LastGoodCache,
  ReliabilityManager,
  RetryHandler,
  TimeoutError,
  backoffDelayMs,
  defaultRetryConfig,
  type ReliabilityEvent,
} from '../../src/reliability/index.ts';
import { VirtualClock } from '../helpers/virtual-clock.ts';
import { failing, never, refusedConnection, systemError, turns, virtualBreaker, virtualManager, watch } from './helpers.ts';

/** One test for each numbered complaint of the reference note on other libraries, and for each of its probes. */

const broken = (): Promise<never> => Promise.reject(systemError('ECONNRESET'));

const limited = (): Promise<never> => Promise.reject(Object.assign(new Error('429'), { status: 429, headers: new Headers({ 'retry-after': '3' }) }));

/** A circuit whose open time is over: the next call is the probe. */
async function halfOpen(config = {}) {
  const made = virtualBreaker({ threshold: 1, recoveryMs: 1_000, ...config });
  await made.breaker.execute(broken).catch(() => undefined);
  await made.clock.advance(1_000);
  return made;
}

async function withHungProbe() {
  const made = await halfOpen({ probeLeaseMs: 5_000 });
  const { promise, resolve: finish } = Promise.withResolvers<void>();
  return { ...made, finish, probe: watch(made.breaker.execute(() => promise)) };
}

describe('1 half-open herd', () => {
  test('R06 complaint 1 half-open herd: of 1000 callers during a 200 ms probe one runs, 999 are refused at once with retryAfter', async () => {
    const { breaker, clock } = await halfOpen();
    let calls = 0;
    const work = async (): Promise<void> => {
      calls++;
      await clock.sleep(200);
    };
    const outcomes = Array.from({ length: 1_000 }, () => watch(breaker.execute(work)));
    await turns();
    expect(calls).toBe(1);
    const refused = outcomes.filter((outcome) => outcome.error instanceof CircuitBreakerOpenError);
    expect(refused).toHaveLength(999);
    expect(refused.every((outcome) => (outcome.error as CircuitBreakerOpenError).retryAfterMs > 0)).toBe(true);
    await clock.advance(200);
    expect(breaker.state).toBe('closed');
    expect(calls).toBe(1);
  });

  test('R06 complaint 1 half-open herd: after it has closed the herd is let in 1, 2, 4 … at a time', async () => {
    const { breaker, clock } = await halfOpen();
    await breaker.execute(async () => 'probe');
    const running: number[] = [];
    for (let wave = 0; wave < 4; wave++) {
      let now = 0;
      for (let caller = 0; caller < 1_000; caller++) {
        breaker.execute(async () => {
          now++;
          await clock.sleep(50);
        }).catch(() => undefined);
      }
      await turns();
      running.push(now);
      await clock.advance(50);
    }
    // The successful probe itself gave the first slot.
    expect(running).toEqual([1, 2, 4, 8]);
  });

  test('R06 complaint 1 half-open herd: no more probes than permitted, whatever the permitted number', async () => {
    const { breaker } = await halfOpen({ maxProbes: 3, probeSuccesses: 10 });
    let calls = 0;
    for (let caller = 0; caller < 1_000; caller++) breaker.execute(() => (calls++, never())).catch(() => undefined);
    await turns();
    expect(calls).toBe(3);
  });
});

describe('2 stuck half-open, leaked permit', () => {
  test('R06 complaint 2 stuck half-open: a hung probe blocks others for its lease only', async () => {
    const { breaker, clock } = await withHungProbe();
    await expect(breaker.execute(async () => 1)).rejects.toBeInstanceOf(CircuitBreakerOpenError);
    await clock.advance(5_000);
    await expect(breaker.execute(async () => 'second probe')).resolves.toBe('second probe');
    expect(breaker.state).toBe('closed');
  });

  test('R06 complaint 2 stuck half-open: the late answer of a probe that lost its lease changes nothing', async () => {
    const { breaker, clock, probe, finish } = await withHungProbe();
    await clock.advance(5_000);
    await breaker.execute(broken).catch(() => undefined);
    expect(breaker.state).toBe('open');
    finish();
    await turns();
    expect(probe.settled).toBe(true);
    expect(breaker.state).toBe('open');
    expect(breaker.lateOutcomes).toBe(1);
  });

  test('R06 complaint 2 leaked permit: cancelled probes, ten of them, give their permit back each time', async () => {
    const { manager, clock } = virtualManager();
    const options = { retry: { maxAttempts: 1, breaker: { threshold: 1, recoveryMs: 1_000, probeLeaseMs: 3_600_000 } } };
    await manager.executeSafely(broken, 'x.y', options).catch(() => undefined);
    await clock.advance(1_000);
    for (let probe = 0; probe < 10; probe++) {
      const caller = new AbortController();
      const outcome = watch(manager.executeSafely(never, 'x.y', { ...options, signal: caller.signal }));
      caller.abort(new Error('gone'));
      await turns();
      expect(outcome.error).toMatchObject({ message: 'gone' });
      expect(manager.breaker('x').state).toBe('half-open');
    }
    await expect(manager.executeSafely(async () => 'up', 'x.y', options)).resolves.toBe('up');
    expect(manager.breaker('x').state).toBe('closed');
  });

  test('R06 complaint 2 stuck half-open: the timeout is inside the breaker, so that a hung probe opens it again', async () => {
    const { manager, clock } = virtualManager();
    const options = { retry: { maxAttempts: 1, attemptTimeoutMs: 500, breaker: { threshold: 1, recoveryMs: 1_000 } } };
    await manager.executeSafely(broken, 'x.y', options).catch(() => undefined);
    await clock.advance(1_000);
    const probe = watch(manager.executeSafely(never, 'x.y', options));
    await clock.advance(500);
    expect(probe.error).toBeInstanceOf(TimeoutError);
    expect(manager.breaker('x')).toMatchObject({ state: 'open', retryAfterMs: 1_000 });
  });

  test('R06 complaint 2 stuck open: opening a second time does not cost the way back', async () => {
    const { breaker, clock } = virtualBreaker({ threshold: 1, recoveryMs: 1_000 });
    const tickets = [breaker.tryAdmit(), breaker.tryAdmit()];
    breaker.fail(tickets[0] as number, 0);
    await clock.advance(500);
    breaker.fail(tickets[1] as number, 0);
    const release = breaker.isolate();
    release();
    await clock.advance(500);
    await expect(breaker.execute(async () => 'up')).resolves.toBe('up');
  });
});

describe('3 stale results rule the new state', () => {
  test('R06 complaint 3 stale results: a failure begun before the outage does not re-open a circuit that is probing', async () => {
    const { breaker, clock } = virtualBreaker({ threshold: 1, recoveryMs: 1_000 });
    const stale = breaker.tryAdmit();
    const opening = breaker.tryAdmit();
    breaker.fail(opening, 0);
    await clock.advance(1_000);
    const probe = breaker.tryAdmit();
    breaker.fail(stale, 0);
    expect(breaker.state).toBe('half-open');
    breaker.succeed(probe, 0);
    expect(breaker.state).toBe('closed');
    expect(breaker.lateOutcomes).toBe(1);
  });

  test('R06 complaint 3 stale results: a success begun before the outage does not close it while its probe still runs', async () => {
    const { breaker, clock } = virtualBreaker({ threshold: 1, recoveryMs: 1_000 });
    const stale = breaker.tryAdmit();
    breaker.fail(breaker.tryAdmit(), 0);
    await clock.advance(1_000);
    const probe = breaker.tryAdmit();
    breaker.succeed(stale, 0);
    expect(breaker.state).toBe('half-open');
    breaker.fail(probe, 0);
    expect(breaker.state).toBe('open');
  });

  test('R06 complaint 3 stale results: failures of the time before do not count against the circuit that has closed', async () => {
    const { breaker, clock } = virtualBreaker({ threshold: 2, recoveryMs: 1_000 });
    const stale = Array.from({ length: 10 }, () => breaker.tryAdmit());
    for (let failure = 0; failure < 2; failure++) await breaker.execute(broken).catch(() => undefined);
    await clock.advance(1_000);
    await breaker.execute(async () => 'up');
    for (const ticket of stale) breaker.fail(ticket, 0);
    expect(breaker.state).toBe('closed');
  });
});

describe('4 abort ignored while sleeping', () => {
  test('R08 complaint 4 abort while sleeping: settles at once, makes no further attempt, leaves no timer', async () => {
    const { manager, clock } = virtualManager();
    const operation = failing(Infinity, 0);
    const caller = new AbortController();
    const outcome = watch(manager.executeSafely(operation, 'x.y', { signal: caller.signal, retry: { strategy: 'fixed', jitter: 'none', baseDelayMs: 800 } }));
    await clock.advance(100);
    expect(operation.calls).toBe(1);
    const reason = new Error('stop');
    caller.abort(reason);
    await turns();
    expect(outcome.error).toBe(reason);
    expect(clock.monotonicMs()).toBe(100);
    await clock.advance(10_000);
    expect(operation.calls).toBe(1);
    expect(clock.pendingTimers).toBe(0);
  });

  test('R08 complaint 4 abort while sleeping: on the system clock within a few milliseconds of an 800 ms backoff', async () => {
    const handler = new RetryHandler({ clock: systemClock, rng: createRng('x'), config: { strategy: 'fixed', jitter: 'none', baseDelayMs: 800 } });
    const operation = failing(Infinity, 0);
    const caller = new AbortController();
    const outcome = handler.execute(operation, { signal: caller.signal });
    await turns();
    const abortedAt = systemClock.monotonicMs();
    caller.abort(new Error('stop'));
    await expect(outcome).rejects.toThrow('stop');
    expect(systemClock.monotonicMs() - abortedAt).toBeLessThan(400);
    expect(operation.calls).toBe(1);
  });

  test('R08 complaint 4 abort while sleeping: an abort from within the retry hook counts too', async () => {
    const { manager, clock } = virtualManager();
    const caller = new AbortController();
    const reason = new Error('hook says stop');
    const operation = failing(Infinity, 0);
    const outcome = watch(manager.executeSafely(operation, 'x.y', { signal: caller.signal, retry: { onRetry: () => caller.abort(reason) } }));
    await clock.advance(60_000);
    expect(outcome.error).toBe(reason);
    expect(operation.calls).toBe(1);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('5 lost abort reason', () => {
  test('R08 complaint 5 lost abort reason: a user abort at 50 of 500 ms arrives as the user’s reason, and is no timeout', async () => {
    const { manager, clock, types } = virtualManager();
    const caller = new AbortController();
    let seen: unknown;
    const outcome = watch(
      manager.executeSafely(
        ({ signal }) => {
          signal.addEventListener('abort', () => (seen = signal.reason));
          return never();
        },
        'x.y',
        { signal: caller.signal, timeoutMs: 500 },
      ),
    );
    await clock.advance(50);
    const reason = new Error('user left');
    caller.abort(reason);
    await turns();
    expect(outcome.error).toBe(reason);
    expect(seen).toBe(reason);
    await clock.advance(1_000);
    expect(types()).not.toContain('call.timeout');
  });

  test('R08 complaint 5 lost abort reason: a real timeout is a TimeoutError for caller and operation alike', async () => {
    const { manager, clock } = virtualManager();
    let seen: unknown;
    const outcome = watch(manager.executeSafely(({ signal }) => (signal.addEventListener('abort', () => (seen = signal.reason)), never()), 'x.y', { timeoutMs: 500 }));
    await clock.advance(500);
    expect(outcome.error).toBeInstanceOf(TimeoutError);
    expect(seen).toBe(outcome.error);
  });

  test('R08 complaint 5 lost abort reason: a hundred user cancels neither open the circuit nor touch the score', async () => {
    const { manager } = virtualManager();
    for (let call = 0; call < 100; call++) {
      const caller = new AbortController();
      const outcome = watch(manager.executeSafely(never, 'x.y', { signal: caller.signal }));
      caller.abort(new Error('gone'));
      await turns(1);
      expect(outcome.settled).toBe(true);
    }
    expect(manager.breaker('x').state).toBe('closed');
    expect(manager.health().components['x']).toMatchObject({ score: 100, failures: 0 });
  });

  test('R06 complaint 5 lost abort reason: a cancelled probe neither closes nor opens', async () => {
    const { breaker, clock } = virtualBreaker({ threshold: 1, recoveryMs: 1_000 });
    await breaker.execute(broken).catch(() => undefined);
    await clock.advance(1_000);
    await breaker.execute(() => Promise.reject(new DOMException('gone', 'AbortError'))).catch(() => undefined);
    expect(breaker.state).toBe('half-open');
    await breaker.execute(async () => 'real probe');
    expect(breaker.state).toBe('closed');
  });
});

describe('6 listener and registry leaks', () => {
  test('R08 complaint 6 leaks: 10 000 calls in flight under one signal are one listener, and none afterwards', async () => {
    const { manager, clock } = virtualManager();
    const run = new AbortController();
    const finish: (() => void)[] = [];
    const calls = Array.from({ length: 10_000 }, () => manager.executeSafely(() => new Promise<void>((resolve) => finish.push(resolve)), 'x.y', { signal: run.signal, bulkhead: false }));
    expect(getEventListeners(run.signal, 'abort')).toHaveLength(1);
    expect(clock.pendingTimers).toBe(1);
    for (const end of finish) end();
    await Promise.all(calls);
    await turns();
    expect(getEventListeners(run.signal, 'abort')).toHaveLength(0);
    expect(clock.pendingTimers).toBe(0);
  });

  test('R08 complaint 6 leaks: an operation that listens to its signal costs the caller’s signal nothing', async () => {
    const { manager } = virtualManager();
    const run = new AbortController();
    for (let call = 0; call < 50; call++) {
      await manager.executeSafely(
        async ({ signal }) => {
          signal.addEventListener('abort', () => undefined);
          expect(getEventListeners(run.signal, 'abort').length).toBeLessThanOrEqual(1);
        },
        'x.y',
        { signal: run.signal },
      );
    }
    await turns();
    expect(getEventListeners(run.signal, 'abort')).toHaveLength(0);
  });

  test('R06 complaint 6 leaks: an open circuit holds no process alive and no breaker holds a timer', async () => {
    const script = fileURLToPath(new URL('./open-circuit.fixture.ts', import.meta.url));
    const startedAt = systemClock.monotonicMs();
    const { stdout } = await promisify(execFile)(process.execPath, [script], { timeout: 15_000 });
    expect(JSON.parse(stdout)).toEqual({ state: 'open', timers: 0 });
    expect(systemClock.monotonicMs() - startedAt).toBeLessThan(15_000);
  });

  test('R06 complaint 6 leaks: breakers and managers that nobody holds are collected; there is no list of all', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', fileURLToPath(new URL('./memory.fixture.ts', import.meta.url)), 'collected'], { timeout: 15_000 });
    expect(JSON.parse(stdout)).toEqual({ breakersLeft: 0, managersLeft: 0 });
  });
});

describe('7 delay arithmetic', () => {
  test('R02 complaint 7 delay arithmetic: a delay of 2^31 ms is not fired at once', async () => {
    const { manager, clock } = virtualManager();
    const operation = failing(Infinity, 0);
    watch(manager.executeSafely(operation, 'x.y', { timeoutMs: Infinity, retry: { maxAttempts: 4, strategy: 'fixed', jitter: 'none', baseDelayMs: 2 ** 31, maxDelayMs: 2 ** 40, totalTimeoutMs: Infinity } }));
    await clock.advance(1_000_000);
    expect(operation.calls).toBe(1);
    await clock.advance(2 ** 31);
    expect(operation.calls).toBe(2);
  });

  test('R02 complaint 7 delay arithmetic: on the system clock too', async () => {
    const handler = new RetryHandler({ clock: systemClock, rng: createRng('x'), config: { maxAttempts: 4, strategy: 'fixed', jitter: 'none', baseDelayMs: 2 ** 31, maxDelayMs: 2 ** 40, totalTimeoutMs: Infinity } });
    const operation = failing(Infinity, 0);
    const caller = new AbortController();
    const outcome = handler.execute(operation, { signal: caller.signal });
    await systemClock.sleep(30);
    expect(operation.calls).toBe(1);
    caller.abort(new Error('enough'));
    await expect(outcome).rejects.toThrow('enough');
  });

  test('R02 complaint 7 delay arithmetic: a multiplier of 3 triples, from the first step on', () => {
    const settings = { ...defaultRetryConfig, multiplier: 3, jitter: 'none' } as const;
    expect([1, 2, 3, 4].map((attempt) => backoffDelayMs(settings, attempt, 0, createRng('x')))).toEqual([100, 300, 900, 2_700]);
  });

  test('R02 complaint 7 delay arithmetic: attempt numbers that overflow stay at the cap, jitter included', () => {
    for (const strategy of ['exponential', 'fibonacci', 'polynomial', 'linear'] as const) {
      for (const attempt of [1_025, 100_000, Number.MAX_SAFE_INTEGER]) {
        const settings = { ...defaultRetryConfig, strategy, multiplier: 1_000, jitter: 'none' } as const;
        expect(backoffDelayMs(settings, attempt, 0, createRng('x'))).toBe(20_000);
        expect(backoffDelayMs({ ...settings, jitter: 'proportional' }, attempt, 0, createRng('x'))).toBeLessThanOrEqual(20_000);
      }
    }
  });

  test('R04 complaint 7 delay arithmetic: never sooner than Retry-After, with any jitter', async () => {
    for (const jitter of ['none', 'full', 'equal', 'proportional'] as const) {
      const delays: number[] = [];
      const { manager, clock } = virtualManager();
      watch(manager.executeSafely(limited, 'x.y', { retry: { jitter, onRetry: ({ delayMs }) => delays.push(delayMs) } }));
      await clock.advance(60_000);
      expect(delays.length).toBe(2);
      expect(Math.min(...delays)).toBeGreaterThanOrEqual(3_000);
    }
  });
});

describe('8 retrying what must not be repeated', () => {
  test('R04 complaint 8 repeats: a write whose connection broke is not sent again, with an idempotency key it is', async () => {
    const { manager, clock } = virtualManager();
    const unsafe = failing(Infinity, 0, () => systemError('ECONNRESET'));
    const first = watch(manager.executeSafely(unsafe, 'orders.create'));
    const keys: (string | undefined)[] = [];
    const safe = watch(
      manager.executeSafely(
        async ({ idempotencyKey, attempt }) => {
          keys.push(idempotencyKey);
          if (attempt < 3) throw systemError('ECONNRESET');
          return 'created';
        },
        'orders.place',
        { idempotencyKey: 'order-77' },
      ),
    );
    await clock.advance(60_000);
    expect(unsafe.calls).toBe(1);
    expect(first.error).toMatchObject({ code: 'ECONNRESET' });
    expect(safe.value).toBe('created');
    expect(keys).toEqual(['order-77', 'order-77', 'order-77']);
  });

  test('R04 complaint 8 repeats: a generation that timed out may have been billed, and is not ordered again', async () => {
    const { manager, clock } = virtualManager();
    let billed = 0;
    const outcome = watch(manager.executeSafely(() => (billed++, never()), 'llm.generate', { profile: 'LLM' }));
    await clock.advance(600_000);
    expect(billed).toBe(1);
    expect(outcome.error).toMatchObject({ code: 'CALL_TIMEOUT', maybeExecuted: true });
  });

  test('R07 complaint 8 repeats: three nested layers of three attempts are three calls, not 27', async () => {
    const { manager, clock } = virtualManager();
    const operation = failing(Infinity, 0);
    const options = { breaker: false } as const;
    const outcome = watch(manager.executeSafely(() => manager.executeSafely(() => manager.executeSafely(operation, 'c.call', options), 'b.call', options), 'a.call', options));
    await clock.advance(600_000);
    expect(operation.calls).toBe(3);
    expect(outcome.error).toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('R07 complaint 8 repeats: also when a layer wraps the error, and when the layers have managers of their own', async () => {
    const { manager, clock } = virtualManager();
    const other = new RetryHandler({ clock, rng: createRng('x'), idempotent: true });
    const operation = failing(Infinity, 0);
    const wrapping = async (): Promise<number> => {
      try {
        return await other.execute(operation);
      } catch (error) {
        throw new Error('reading the order failed', { cause: error });
      }
    };
    const outcome = watch(manager.executeSafely(wrapping, 'a.call', { breaker: false, idempotent: true }));
    await clock.advance(600_000);
    expect(operation.calls).toBe(3);
    expect(outcome.error).toMatchObject({ message: 'reading the order failed' });
  });

  test('R07 complaint 8 repeats: an error object that is thrown again by a later call is retried there', async () => {
    const { manager, clock } = virtualManager();
    const shared = refusedConnection();
    for (let call = 0; call < 2; call++) {
      const operation = failing(Infinity, 0, () => shared);
      watch(manager.executeSafely(operation, 'a.call', { breaker: false }));
      await clock.advance(60_000);
      expect(operation.calls).toBe(3);
    }
  });

  test('R07 complaint 8 repeats: a retry around an open circuit does not sleep for nothing', async () => {
    const { manager, clock } = virtualManager();
    manager.breaker('x').isolate();
    await expect(manager.executeSafely(async () => 1, 'x.y', { idempotent: true })).rejects.toBeInstanceOf(CircuitBreakerOpenError);
    expect(clock.monotonicMs()).toBe(0);
  });

  test('R07 complaint 8 repeats: a refusal that is retried on purpose is never retried before its retryAfter', async () => {
    const { manager, clock } = virtualManager();
    const inner = virtualBreaker({ threshold: 1, recoveryMs: 7_000 }, clock).breaker;
    await inner.execute(broken).catch(() => undefined);
    const delays: number[] = [];
    const outcome = watch(manager.executeSafely(() => inner.execute(async () => 'in'), 'x.y', { retry: { retryableErrors: ['CIRCUIT_OPEN'], onRetry: ({ delayMs }) => delays.push(delayMs) } }));
    await clock.advance(7_000);
    expect(delays).toEqual([7_000]);
    expect(outcome.value).toBe('in');
  });
});

describe('9 windows that lie', () => {
  test('R06 complaint 9 windows: after ten idle minutes 100 old failures do not count, and one fresh failure opens nothing', async () => {
    const { breaker, clock } = virtualBreaker({ kind: 'time', windowMs: 30_000, minCalls: 10, failureRate: 0.9 });
    for (let call = 0; call < 100; call++) await breaker.execute(call % 5 === 0 ? async () => 1 : broken).catch(() => undefined);
    expect(breaker.state).toBe('closed');
    await clock.advance(600_000);
    await breaker.execute(broken).catch(() => undefined);
    expect(breaker.state).toBe('closed');
    expect(breaker.toJSON().window.slice(0, 3)).toEqual([1, 1, 0]);
    expect(breaker.toJSON().window.slice(3).every((count) => count === 0)).toBe(true);
  });

  test.each(['count', 'time'] as const)('R06 complaint 9 windows: the first failure does not open a %s window; ten calls are the least it judges', async (kind) => {
    const { breaker } = virtualBreaker({ kind });
    for (let call = 0; call < 9; call++) {
      await breaker.execute(broken).catch(() => undefined);
      expect(breaker.state).toBe('closed');
    }
    await breaker.execute(broken).catch(() => undefined);
    expect(breaker.state).toBe('open');
  });

  test('R06 complaint 9 windows: a wall clock that steps back an hour, or forward a day, changes nothing', async () => {
    for (const stepMs of [-3_600_000, 86_400_000]) {
      const { breaker, clock } = virtualBreaker({ kind: 'time', windowMs: 10_000, recoveryMs: 50 });
      for (let call = 0; call < 10; call++) await breaker.execute(broken).catch(() => undefined);
      clock.stepWall(stepMs);
      expect(breaker).toMatchObject({ state: 'open', retryAfterMs: 50 });
      await clock.advance(50);
      await expect(breaker.execute(async () => 'up')).resolves.toBe('up');
    }
  });

  test('R06 complaint 9 windows: a restored open circuit stays open for the rest of its time', async () => {
    const first = virtualBreaker({ threshold: 1, recoveryMs: 30_000 });
    await first.clock.advance(3_600_000);
    await first.breaker.execute(broken).catch(() => undefined);
    await first.clock.advance(1_000);
    const second = virtualBreaker({ threshold: 1, recoveryMs: 30_000 }, new VirtualClock(first.clock.now()));
    second.breaker.restore(JSON.stringify(first.breaker));
    expect(second.breaker).toMatchObject({ state: 'open', retryAfterMs: 29_000 });
  });

  test('R06 complaint 9 windows: a restored isolated circuit can be released', async () => {
    const first = virtualBreaker();
    first.breaker.isolate('maintenance');
    const second = virtualBreaker();
    second.breaker.restore(JSON.stringify(first.breaker));
    expect(second.breaker.state).toBe('isolated');
    second.breaker.reset();
    await expect(second.breaker.execute(async () => 'up')).resolves.toBe('up');
  });

  test('R06 complaint 9 windows: a stored open time that lies years ahead is cut to what the settings allow', () => {
    const { breaker, clock } = virtualBreaker({ recoveryMs: 1_000, maxRecoveryMs: 10_000 });
    breaker.restore({ v: 1, key: 'k', taken_at: clock.now(), state: { kind: 'open', until: clock.now() + 1e12, openings: 1 }, window: [], window_kind: 'consecutive' });
    expect(breaker.retryAfterMs).toBe(10_000);
  });
});

describe('10 shared mutable options and hostile callbacks', () => {
  test('R09 complaint 10 shared options: one call’s timeout leaves its sibling with the same options alone', async () => {
    const { manager, clock } = virtualManager();
    const options = { retry: { attemptTimeoutMs: 100, maxAttempts: 1 } };
    const signals: AbortSignal[] = [];
    const hung = watch(manager.executeSafely(({ signal }) => (signals.push(signal), never()), 'x.y', options));
    await clock.advance(50);
    const healthy = watch(manager.executeSafely(async ({ signal }) => (signals.push(signal), await clock.sleep(80, signal), 'healthy'), 'x.y', options));
    await clock.advance(80);
    expect(hung.error).toBeInstanceOf(TimeoutError);
    expect(healthy.value).toBe('healthy');
    expect(signals.map((signal) => signal.aborted)).toEqual([true, false]);
  });

  test('R12 complaint 10 shared options: a fallback cache shared by two calls never serves a user for an order', async () => {
    const { manager, clock } = virtualManager();
    const shared = { retry: { maxAttempts: 1 }, fallback: new LastGoodCache<string>(clock).fallback({ key: '7' }) };
    await manager.executeSafely(async () => 'user-7', 'users.get', shared);
    await expect(manager.executeSafely(broken, 'orders.get', shared)).rejects.toMatchObject({ code: 'ECONNRESET' });
    await expect(manager.executeSafely(broken, 'users.get', shared)).resolves.toBe('user-7');
  });

  test('R09 complaint 10 shared options: settings changed afterwards do not change what was made from them', async () => {
    const config = { threshold: 1, recoveryMs: 1_000 };
    const { breaker } = virtualBreaker(config);
    config.threshold = 1_000;
    await breaker.execute(broken).catch(() => undefined);
    expect(breaker.state).toBe('open');
    expect(Object.isFrozen(breaker.config)).toBe(true);
    const retry = { maxAttempts: 2, retryableErrors: ['E_ONE'] };
    const handler = new RetryHandler({ clock: new VirtualClock(), rng: createRng('x'), config: retry });
    retry.maxAttempts = 99;
    retry.retryableErrors.push('E_TWO');
    expect(handler.config).toMatchObject({ maxAttempts: 2, retryableErrors: ['E_ONE'] });
  });

  test('R09 complaint 10 shared options: options changed between two calls count for the second', async () => {
    const { manager, clock } = virtualManager();
    const options = { breaker: false as const, retry: { maxAttempts: 1 } };
    const operation = failing(Infinity, 0);
    watch(manager.executeSafely(operation, 'x.y', options));
    await clock.advance(60_000);
    expect(operation.calls).toBe(1);
    options.retry.maxAttempts = 2;
    watch(manager.executeSafely(operation, 'x.y', options));
    await clock.advance(60_000);
    expect(operation.calls).toBe(3);
  });

  test('R09 complaint 10 hostile callbacks: a throwing listener hides no error, stops no retry, and is reported', async () => {
    const clock = new VirtualClock();
    const reported: unknown[] = [];
    const manager = new ReliabilityManager({
      clock,
      rng: createRng('x'),
      onListenerError: (error) => {
        reported.push(error);
        throw new Error('the reporter throws too');
      },
    });
    const seen: ReliabilityEvent['type'][] = [];
    manager.events.on(() => {
      throw new Error('hostile');
    });
    manager.events.on((event) => seen.push(event.type));
    const operation = failing(Infinity, 0);
    const outcome = watch(manager.executeSafely(operation, 'x.y', { retry: { breaker: { threshold: 3 } } }));
    await clock.advance(60_000);
    expect(outcome.error).toMatchObject({ code: 'ECONNREFUSED' });
    expect(operation.calls).toBe(3);
    expect(seen).toContain('breaker.transition');
    expect(reported).toHaveLength(seen.length);
  });

  test('R09 complaint 10 hostile callbacks: a listener that changes the circuit in the middle of its transition is survived', async () => {
    const { manager, clock } = virtualManager();
    const options = { retry: { maxAttempts: 1, breaker: { threshold: 1, recoveryMs: 100 } } };
    manager.events.on((event) => {
      if (event.type === 'breaker.transition' && event.to === 'half-open') manager.breaker('x').isolate('listener');
    });
    await manager.executeSafely(broken, 'x.y', options).catch(() => undefined);
    await clock.advance(100);
    await expect(manager.executeSafely(async () => 1, 'x.y', options)).rejects.toMatchObject({ state: 'isolated' });
  });

  test('R08 complaint 10 bulkhead: a call that was accepted into the queue is not pushed out by newcomers in the same microtask', async () => {
    const bulkhead = new Bulkhead('k', { maxConcurrent: 1, maxQueued: 1 });
    const granted: string[] = [];
    const waiter = (name: string) => ({ granted: () => granted.push(name) });
    expect(bulkhead.acquire(waiter('running'))).toBe('slot');
    expect(bulkhead.acquire(waiter('accepted'))).toBe('queued');
    bulkhead.release();
    expect(bulkhead.acquire(waiter('newcomer 1'))).toBe('queued');
    expect(bulkhead.acquire(waiter('newcomer 2'))).toBe('full');
    expect(granted).toEqual(['accepted']);
    expect(bulkhead.inFlight).toBe(1);
  });
});
