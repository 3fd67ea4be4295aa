import { ConsecutiveBreaker, circuitBreaker, handleAll } from 'cockatiel';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRng } from '../../src/core/rng.ts';
import { BreakerStateError, CircuitBreaker, CircuitBreakerOpenError, ReliabilityConfigError, defaultBreakerConfig, type BreakerConfig } from '../../src/reliability/index.ts';
import { VirtualClock } from '../helpers/virtual-clock.ts';
import { never, refusedConnection, turns, virtualBreaker, watch } from './helpers.ts';

type Breaker = ReturnType<typeof virtualBreaker>['breaker'];

async function fail(breaker: Breaker, times = 1): Promise<void> {
  for (let call = 0; call < times; call++) await expect(breaker.execute(() => Promise.reject(refusedConnection()))).rejects.toThrow('ECONNREFUSED');
}

async function succeed(breaker: Breaker, times = 1): Promise<void> {
  for (let call = 0; call < times; call++) await expect(breaker.execute(async () => 'ok')).resolves.toBe('ok');
}

/** Whether the circuit let the operation through. */
async function admits(execute: (operation: () => Promise<number>) => Promise<number>, ok: boolean): Promise<boolean> {
  let called = false;
  await execute(async () => {
    called = true;
    if (!ok) throw refusedConnection();
    return 1;
  }).catch(() => undefined);
  return called;
}

/** A circuit that opened after one failure and whose open time is over. */
async function opened(config: Partial<BreakerConfig> = {}) {
  const made = virtualBreaker({ threshold: 1, recoveryMs: 1_000, ...config });
  await fail(made.breaker);
  await made.clock.advance(1_000);
  return made;
}

describe('consecutive failures', () => {
  test('R06 opens after 5 failures in a row by default, for 60 s', async () => {
    const { breaker, clock, transitions } = virtualBreaker();
    expect(defaultBreakerConfig).toMatchObject({ threshold: 5, recoveryMs: 60_000 });
    await fail(breaker, 4);
    await succeed(breaker);
    await fail(breaker, 4);
    expect(breaker.state).toBe('closed');
    await fail(breaker);
    expect(breaker.state).toBe('open');
    expect(transitions).toEqual([{ key: 'orders', from: 'closed', to: 'open', at: clock.now(), reason: expect.stringContaining('failed'), retryAfterMs: 60_000 }]);
  });

  test('R06 an open circuit refuses without calling, and says when to try again', async () => {
    const { breaker, clock } = virtualBreaker({ threshold: 1 });
    await fail(breaker);
    await clock.advance(15_000);
    let called = false;
    const error = await breaker.execute(async () => (called = true)).catch((thrown: unknown) => thrown);
    expect(called).toBe(false);
    expect(error).toBeInstanceOf(CircuitBreakerOpenError);
    expect(error).toMatchObject({ code: 'CIRCUIT_OPEN', key: 'orders', state: 'open', retryAfterMs: 45_000 });
    expect((error as Error).message).toContain('45000 ms');
  });

  test('R06 agrees with cockatiel about any order of successes and failures', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 40 }), async (outcomes) => {
        const { breaker } = virtualBreaker({ threshold: 3, recoveryMs: 3_600_000 });
        const theirs = circuitBreaker(handleAll, { halfOpenAfter: 3_600_000, breaker: new ConsecutiveBreaker(3) });
        for (const ok of outcomes) {
          expect(await admits((operation) => breaker.execute(operation), ok)).toBe(await admits((operation) => theirs.execute(operation), ok));
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('windows', () => {
  test('R06 a count window opens at its failure rate, not below its minimum of calls', async () => {
    const { breaker } = virtualBreaker({ kind: 'count', windowCalls: 20, minCalls: 10, failureRate: 0.5 });
    await fail(breaker, 9);
    expect(breaker.state).toBe('closed');
    await succeed(breaker);
    expect(breaker.state).toBe('open');
  });

  test('R06 a count window forgets the oldest call', async () => {
    const { breaker } = virtualBreaker({ kind: 'count', windowCalls: 10, minCalls: 10, failureRate: 0.5 });
    await fail(breaker, 4);
    await succeed(breaker, 10);
    await fail(breaker, 4);
    expect(breaker.state).toBe('closed');
    await fail(breaker);
    expect(breaker.state).toBe('open');
  });

  test('R06 a count window judges as a plain list of the last calls would', async () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 70 }), fc.integer({ min: 1, max: 20 }), fc.double({ min: 0.05, max: 1, noNaN: true }), fc.array(fc.boolean(), { maxLength: 200 }), (windowCalls, minimum, failureRate, outcomes) => {
        const minCalls = Math.min(minimum, windowCalls);
        const { breaker } = virtualBreaker({ kind: 'count', windowCalls, minCalls, failureRate });
        const ticket = breaker.tryAdmit();
        const history: boolean[] = [];
        for (const ok of outcomes) {
          history.push(ok);
          if (ok) breaker.succeed(ticket, 0);
          else breaker.fail(ticket, 0);
          const last = history.slice(-windowCalls);
          const opens = last.length >= minCalls && last.filter((each) => !each).length >= last.length * failureRate;
          expect(breaker.state).toBe(opens ? 'open' : 'closed');
          if (opens) return;
        }
      }),
      { numRuns: 300 },
    );
  });

  test('R06 a time window opens at its failure rate, and what is older than the window does not count', async () => {
    const { breaker, clock } = virtualBreaker({ kind: 'time', windowMs: 8_000, minCalls: 10, failureRate: 0.5 });
    await fail(breaker, 9);
    await clock.advance(9_000);
    await fail(breaker, 9);
    expect(breaker.state).toBe('closed');
    await fail(breaker);
    expect(breaker.state).toBe('open');
  });

  test('R06 a time window holds what a plain list of recent calls holds, to the slot', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.record({ ok: fc.boolean(), waitMs: fc.integer({ min: 0, max: 4_000 }) }), { maxLength: 60 }), async (calls) => {
        const clock = new VirtualClock();
        const { breaker } = virtualBreaker({ kind: 'time', windowMs: 8_000, minCalls: 1_000, failureRate: 1 }, clock);
        const ticket = breaker.tryAdmit();
        const history: { slot: number; ok: boolean }[] = [];
        for (const { ok, waitMs } of calls) {
          await clock.advance(waitMs);
          const slot = Math.floor(clock.monotonicMs() / 1_000);
          history.push({ slot, ok });
          if (ok) breaker.succeed(ticket, 0);
          else breaker.fail(ticket, 0);
          const expected = Array.from({ length: 8 }, (_, age) => {
            const inSlot = history.filter((call) => call.slot === slot - age);
            return [inSlot.length, inSlot.filter((call) => !call.ok).length, 0];
          }).flat();
          expect(breaker.toJSON().window).toEqual(expected);
        }
      }),
      { numRuns: 40 },
    );
  });

  test.each(['count', 'time'] as const)('R06 a %s window opens when too many calls are slow, though all succeed', async (kind) => {
    const { breaker, clock } = virtualBreaker({ kind, windowMs: 60_000, slowCallMs: 1_000, slowCallRate: 0.5, minCalls: 10 });
    const slowCall = async (): Promise<void> => {
      const call = breaker.execute(() => clock.sleep(1_001));
      await clock.advance(1_001);
      await call;
    };
    await succeed(breaker, 5);
    for (let call = 0; call < 4; call++) await slowCall();
    expect(breaker.state).toBe('closed');
    await slowCall();
    expect(breaker.state).toBe('open');
  });

  test('R06 slow calls count as failures where failures in a row are counted', async () => {
    const { breaker, clock } = virtualBreaker({ threshold: 2, slowCallMs: 100 });
    for (let call = 0; call < 2; call++) {
      const running = breaker.execute(() => clock.sleep(101));
      await clock.advance(101);
      await running;
    }
    expect(breaker.state).toBe('open');
  });
});

describe('half-open', () => {
  test('R06 when the open time is over, one call becomes the probe and the others are refused', async () => {
    const { breaker } = await opened();
    expect(breaker.state).toBe('half-open');
    const { promise, resolve: finish } = Promise.withResolvers<string>();
    const probe = breaker.execute(() => promise);
    const others = await Promise.allSettled(Array.from({ length: 10 }, () => breaker.execute(async () => 'herd')));
    expect(others.every((other) => other.status === 'rejected' && other.reason instanceof CircuitBreakerOpenError && other.reason.retryAfterMs > 0)).toBe(true);
    finish('up again');
    await expect(probe).resolves.toBe('up again');
    expect(breaker.state).toBe('closed');
  });

  test('R06 a failed probe opens it again at once, for the whole open time', async () => {
    const { breaker, steps } = await opened();
    await fail(breaker);
    expect(breaker.state).toBe('open');
    expect(breaker.retryAfterMs).toBe(1_000);
    expect(steps()).toEqual(['closed>open', 'open>half-open', 'half-open>open']);
  });

  test('R06 as many probes as configured run at a time, and as many must succeed', async () => {
    const { breaker } = await opened({ maxProbes: 3, probeSuccesses: 2 });
    const finish: (() => void)[] = [];
    const probes = Array.from({ length: 3 }, () => breaker.execute(() => new Promise<void>((resolve) => finish.push(resolve))));
    await expect(breaker.execute(async () => 4)).rejects.toBeInstanceOf(CircuitBreakerOpenError);
    finish[0]?.();
    await probes[0];
    expect(breaker.state).toBe('half-open');
    finish[1]?.();
    await probes[1];
    expect(breaker.state).toBe('closed');
    finish[2]?.();
    await probes[2];
    expect(breaker.lateOutcomes).toBe(1);
  });

  test('R06 a slow probe opens it again', async () => {
    const { breaker, clock } = await opened({ slowCallMs: 100 });
    const probe = breaker.execute(() => clock.sleep(200));
    await clock.advance(200);
    await probe;
    expect(breaker.state).toBe('open');
  });

  test('R06 after closing it admits 1, 2, 4 … at a time', async () => {
    const { breaker } = await opened({ rampSlots: 8 });
    await succeed(breaker);
    const admitted: number[] = [];
    for (let wave = 0; wave < 5; wave++) {
      const tickets: number[] = [];
      for (let ticket = breaker.tryAdmit(); ticket !== 0 && tickets.length < 100; ticket = breaker.tryAdmit()) tickets.push(ticket);
      admitted.push(tickets.length);
      for (const ticket of tickets) breaker.succeed(ticket, 0);
    }
    expect(admitted).toEqual([1, 2, 4, 8, 100]);
  });

  test('R06 the ramp narrows with failures and ends by itself, though calls that hang hold its slots', async () => {
    const { breaker, clock } = virtualBreaker({ threshold: 3, recoveryMs: 1_000, rampSlots: 64, probeLeaseMs: 10_000 });
    await fail(breaker, 3);
    await clock.advance(1_000);
    await succeed(breaker, 4);
    const tickets = [breaker.tryAdmit(), breaker.tryAdmit(), breaker.tryAdmit(), breaker.tryAdmit()];
    expect(tickets.every((ticket) => ticket > 0)).toBe(true);
    expect(breaker.tryAdmit()).toBe(0);
    breaker.fail(tickets[0] as number, 0);
    expect(breaker.tryAdmit()).toBe(0);
    await expect(breaker.execute(async () => 1)).rejects.toMatchObject({ state: 'ramping', retryAfterMs: 100 });
    await clock.advance(10_000);
    expect(breaker.retryAfterMs).toBe(0);
    for (let call = 0; call < 100; call++) expect(breaker.tryAdmit()).toBeGreaterThan(0);
  });

  test('R06 the open time grows with each failed probe where configured, up to its cap, and jitter only lengthens it', async () => {
    const { breaker, clock } = await opened({ recoveryMultiplier: 2, maxRecoveryMs: 5_000 });
    const openTimes: number[] = [];
    for (let probe = 0; probe < 4; probe++) {
      await fail(breaker);
      openTimes.push(breaker.retryAfterMs);
      await clock.advance(breaker.retryAfterMs);
    }
    expect(openTimes).toEqual([2_000, 4_000, 5_000, 5_000]);
    const jittered = await opened({ recoveryMs: 1_000, recoveryJitter: 0.5 });
    await jittered.clock.advance(500);
    await fail(jittered.breaker);
    expect(jittered.breaker.retryAfterMs).toBeGreaterThan(1_000);
    expect(jittered.breaker.retryAfterMs).toBeLessThanOrEqual(1_500);
  });
});

describe('by hand', () => {
  test('R06 isolate refuses everything until every holder has let go', async () => {
    const { breaker, steps } = virtualBreaker();
    const first = breaker.isolate('maintenance');
    const second = breaker.isolate('chaos');
    await expect(breaker.execute(async () => 1)).rejects.toMatchObject({ state: 'isolated' });
    first();
    first();
    expect(breaker.state).toBe('isolated');
    second();
    expect(breaker.state).toBe('closed');
    expect(steps()).toEqual(['closed>isolated', 'isolated>closed']);
  });

  test('R06 reset closes an open or isolated circuit', async () => {
    const { breaker } = virtualBreaker({ threshold: 1 });
    await fail(breaker);
    breaker.reset();
    expect(breaker.state).toBe('closed');
    const release = breaker.isolate();
    breaker.reset();
    expect(breaker.state).toBe('closed');
    release();
    await succeed(breaker);
  });

  test('R06 errors that do not blame the dependency count as answers', async () => {
    const { breaker } = virtualBreaker({ threshold: 2 });
    await fail(breaker);
    await expect(breaker.execute(() => Promise.reject(Object.assign(new Error('404'), { status: 404 })))).rejects.toThrow('404');
    await fail(breaker);
    expect(breaker.state).toBe('closed');
  });

  test('R06 impossible settings are all named', () => {
    const impossible = { threshold: 0, failureRate: 2, recoveryMs: Number.NaN, kind: 'magic' as 'count' };
    expect(() => virtualBreaker(impossible)).toThrow(ReliabilityConfigError);
    for (const field of Object.keys(impossible)) expect(() => virtualBreaker(impossible)).toThrow(field);
  });

  test('R06 a window smaller than its minimum is refused: it would never open', () => {
    expect(() => virtualBreaker({ kind: 'count', windowCalls: 5, minCalls: 6 })).toThrow(/minCalls/);
  });

  test('R06 reconfigure keeps the state and brings new settings', async () => {
    const { breaker } = virtualBreaker({ threshold: 1 });
    await fail(breaker);
    breaker.reconfigure({ threshold: 2, kind: 'consecutive' });
    expect(breaker.state).toBe('open');
    breaker.reset();
    await fail(breaker);
    expect(breaker.state).toBe('closed');
  });
});

describe('export and restore', () => {
  test.each([
    ['consecutive', {}],
    ['count', { windowCalls: 20 }],
    ['time', { windowMs: 60_000 }],
  ] as const)('R06 a %s breaker carries its window across: the rest of the failures open it', async (kind, config) => {
    const clock = new VirtualClock();
    const first = virtualBreaker({ kind, ...config, threshold: 4, minCalls: 4 }, clock);
    await fail(first.breaker, 3);
    const text = JSON.stringify(first.breaker);
    const second = virtualBreaker({ kind, ...config, threshold: 4, minCalls: 4 }, clock);
    second.breaker.restore(text);
    expect(second.breaker.state).toBe('closed');
    await fail(second.breaker);
    expect(second.breaker.state).toBe('open');
  });

  test('R06 an open circuit keeps the time it has left', async () => {
    const { breaker, clock } = virtualBreaker({ threshold: 1 });
    await fail(breaker);
    await clock.advance(20_000);
    const text = JSON.stringify(breaker);
    const later = virtualBreaker({ threshold: 1 }, new VirtualClock(clock.now() + 30_000));
    later.breaker.restore(text);
    expect(later.breaker.state).toBe('open');
    expect(later.breaker.retryAfterMs).toBe(10_000);
    await later.clock.advance(10_000);
    expect(later.breaker.state).toBe('half-open');
  });

  test('R06 an open time window ages while it is stored', async () => {
    const { breaker, clock } = virtualBreaker({ kind: 'time', windowMs: 8_000, minCalls: 10 });
    await fail(breaker, 9);
    const later = virtualBreaker({ kind: 'time', windowMs: 8_000, minCalls: 10 }, new VirtualClock(clock.now() + 60_000));
    later.breaker.restore(JSON.parse(JSON.stringify(breaker)));
    await fail(later.breaker, 9);
    expect(later.breaker.state).toBe('closed');
  });

  test('R06 a half-open circuit is restored ready to probe', async () => {
    const { breaker, clock } = virtualBreaker({ threshold: 1, recoveryMs: 1_000 });
    await fail(breaker);
    await clock.advance(1_000);
    void breaker.execute(never);
    const other = virtualBreaker({ threshold: 1, recoveryMs: 1_000 }, clock);
    other.breaker.restore(JSON.stringify(breaker));
    expect(other.breaker.state).toBe('half-open');
    await succeed(other.breaker);
    expect(other.breaker.state).toBe('closed');
  });

  test('R06 whatever a breaker went through, its export can be restored and exports the same', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('consecutive', 'count', 'time'), fc.array(fc.boolean(), { maxLength: 30 }), fc.integer({ min: 0, max: 90_000 }), async (kind, outcomes, waitMs) => {
        const { breaker, clock } = virtualBreaker({ kind, threshold: 3, minCalls: 5, windowCalls: 12 });
        for (const ok of outcomes) await breaker.execute(ok ? async () => 1 : () => Promise.reject(refusedConnection())).catch(() => undefined);
        await clock.advance(waitMs);
        const { breaker: other } = virtualBreaker({ kind, threshold: 3, minCalls: 5, windowCalls: 12 }, clock);
        other.restore(JSON.stringify(breaker));
        expect(other.toJSON()).toEqual(breaker.toJSON());
        expect(other.state).toBe(breaker.state);
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    ['no JSON', '{'],
    ['no object', '[]'],
    ['another version', { v: 2 }],
    ['no key', { v: 1, taken_at: 1, state: { kind: 'closed' }, window: [], window_kind: 'time' }],
    ['no time', { v: 1, key: 'k', taken_at: 'now', state: { kind: 'closed' }, window: [], window_kind: 'time' }],
    ['an unknown state', { v: 1, key: 'k', taken_at: 1, state: { kind: 'ajar' }, window: [], window_kind: 'time' }],
    ['an open state without its time', { v: 1, key: 'k', taken_at: 1, state: { kind: 'open', openings: 1 }, window: [], window_kind: 'time' }],
    ['a window of text', { v: 1, key: 'k', taken_at: 1, state: { kind: 'closed' }, window: ['x'], window_kind: 'time' }],
  ])('R06 a stored state with %s is refused and changes nothing', (_what, stored) => {
    const { breaker } = virtualBreaker();
    expect(() => breaker.restore(stored)).toThrow(BreakerStateError);
    expect(breaker.state).toBe('closed');
  });

  test('R06 a damaged window is left out, the state is still taken', () => {
    const { breaker, clock } = virtualBreaker({ kind: 'count' });
    breaker.restore({ v: 1, key: 'k', taken_at: clock.now(), state: { kind: 'open', until: clock.now() + 5_000, openings: 1 }, window: [7, -1], window_kind: 'count' });
    expect(breaker.state).toBe('open');
    expect(breaker.toJSON().window).toEqual([]);
  });
});

describe('any order of events', () => {
  const legal = new Set(['closed>open', 'open>half-open', 'half-open>open', 'half-open>closed', 'closed>isolated', 'open>isolated', 'half-open>isolated', 'isolated>closed', 'open>closed']);
  type Command =
    | { readonly kind: 'admit' }
    | { readonly kind: 'isolate' | 'letGo' | 'reset' }
    | { readonly kind: 'succeed' | 'fail' | 'release'; readonly which: number }
    | { readonly kind: 'wait'; readonly ms: number };
  const command: fc.Arbitrary<Command> = fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('admit' as const) }) },
    { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom('succeed' as const, 'fail' as const, 'release' as const), which: fc.nat(20) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(1, 500, 1_000, 40_000) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('isolate' as const, 'letGo' as const, 'reset' as const) }) },
  );

  test('R06 makes no illegal transition, never more probes than permitted, and can always recover', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('consecutive', 'count', 'time'), fc.integer({ min: 1, max: 3 }), fc.array(command, { maxLength: 80 }), async (kind, maxProbes, commands) => {
        const { breaker, clock, transitions, steps } = virtualBreaker({ kind, threshold: 2, minCalls: 2, windowCalls: 5, recoveryMs: 1_000, probeLeaseMs: 30_000, maxProbes, rampSlots: 4 });
        const inFlight: number[] = [];
        let wronglyAdmitted = false;
        const holds: (() => void)[] = [];
        for (const each of commands) {
          if (each.kind === 'admit') {
            const before = breaker.state;
            const ticket = breaker.tryAdmit();
            if (ticket !== 0) inFlight.push(ticket);
            wronglyAdmitted ||= ticket !== 0 && (before === 'isolated' || before === 'open');
          } else if (each.kind === 'wait') await clock.advance(each.ms);
          else if (each.kind === 'isolate') holds.push(breaker.isolate());
          else if (each.kind === 'letGo') holds.pop()?.();
          else if (each.kind === 'reset') breaker.reset();
          else if ('which' in each) {
            const [ticket] = inFlight.splice(each.which % Math.max(1, inFlight.length), 1);
            if (ticket !== undefined && each.kind === 'succeed') breaker.succeed(ticket, 0);
            else if (ticket !== undefined && each.kind === 'fail') breaker.fail(ticket, 0);
            else if (ticket !== undefined) breaker.release(ticket);
          }
          expect(breaker.retryAfterMs).toBeGreaterThanOrEqual(0);
          expect(Number.isFinite(breaker.retryAfterMs)).toBe(true);
        }
        expect(wronglyAdmitted).toBe(false);
        for (const step of steps()) expect(legal).toContain(step);
        for (const [index, { from }] of transitions.entries()) expect(from).toBe(index === 0 ? 'closed' : transitions[index - 1]?.to);
        expect(clock.pendingTimers).toBe(0);
        // Whatever came before: once the holders let go and time passes, calls that succeed close it.
        for (const letGo of holds) letGo();
        for (let call = 0; call < 20; call++) {
          await clock.advance(40_000);
          const ticket = breaker.tryAdmit();
          if (ticket !== 0) breaker.succeed(ticket, 0);
        }
        expect(breaker.state).toBe('closed');
        expect(breaker.retryAfterMs).toBe(0);
      }),
      { numRuns: 150 },
    );
  });

  test('R06 in half-open never more probes are in flight than permitted', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.constantFrom('admit', 'release'), { maxLength: 60 }), (maxProbes, actions) => {
        const clock = new VirtualClock();
        const breaker = new CircuitBreaker({ key: 'k', clock, rng: createRng('x'), config: { maxProbes, probeSuccesses: 1_000 } });
        breaker.restore({ v: 1, key: 'k', taken_at: clock.now(), state: { kind: 'open', until: clock.now(), openings: 1 }, window: [], window_kind: 'consecutive' });
        const probes: number[] = [];
        let refusedRightly = true;
        for (const action of actions) {
          if (action === 'admit') {
            const free = maxProbes - probes.length;
            const ticket = breaker.tryAdmit();
            if (ticket !== 0) probes.push(ticket);
            refusedRightly &&= (ticket === 0) === (free === 0);
          } else {
            const ticket = probes.pop();
            if (ticket !== undefined) breaker.release(ticket);
          }
          expect(probes.length).toBeLessThanOrEqual(maxProbes);
        }
        expect(refusedRightly).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test('R06 holds no timer, open or not', async () => {
    const { breaker, clock } = virtualBreaker({ threshold: 1 });
    await fail(breaker);
    const hanging = watch(breaker.execute(never));
    await turns();
    expect(hanging.error).toBeInstanceOf(CircuitBreakerOpenError);
    expect(clock.pendingTimers).toBe(0);
  });
});
