import { circuitBreaker, ConsecutiveBreaker, handleAll, retry, timeout, TimeoutStrategy, wrap } from 'cockatiel';
import Opossum from 'opossum';
import pRetry from 'p-retry';
import { systemClock } from '../../src/core/clock.ts';
import { createRng } from '../../src/core/rng.ts';
import { CircuitBreaker, ReliabilityManager, RetryHandler } from '../../src/reliability/index.ts';

export type Call = () => Promise<unknown>;
/** Wraps the work under test; the same object serves all calls, as it would in a program. */
export type Subject = (work: Call, signal?: AbortSignal) => Call;

const clock = systemClock;
const rng = createRng('bench');
const TIMEOUT_MS = 5_000;
/** Two attempts in all: one retry, as the others are set. */
const ours = { maxAttempts: 2, attemptTimeoutMs: TIMEOUT_MS, totalTimeoutMs: 2 * TIMEOUT_MS } as const;

/** Healthy calls: consecutive 5, timeout 5 s, one retry. */
const byName = {
  bare: (work) => work,
  'ours breaker': (work) => {
    const breaker = new CircuitBreaker({ key: 'bench', clock, rng });
    return () => breaker.execute(work);
  },
  'ours breaker, count window': (work) => {
    const breaker = new CircuitBreaker({ key: 'bench', clock, rng, config: { kind: 'count' } });
    return () => breaker.execute(work);
  },
  'ours breaker, time window': (work) => {
    const breaker = new CircuitBreaker({ key: 'bench', clock, rng, config: { kind: 'time' } });
    return () => breaker.execute(work);
  },
  'ours retry+breaker+timeout': (work, signal) => {
    const handler = new RetryHandler({ clock, rng, config: ours, breaker: new CircuitBreaker({ key: 'bench', clock, rng }) });
    const request = signal === undefined ? {} : { signal };
    return () => handler.execute(work, request);
  },
  'ours executeSafely': (work, signal) => {
    const manager = new ReliabilityManager({ clock, rng });
    const options = { profile: 'DATABASE', retry: ours, ...(signal === undefined ? {} : { signal }) } as const;
    return () => manager.executeSafely(work, 'bench.call', options);
  },
  'cockatiel breaker': (work) => {
    const policy = circuitBreaker(handleAll, { halfOpenAfter: 10_000, breaker: new ConsecutiveBreaker(5) });
    return () => policy.execute(work);
  },
  'cockatiel retry+breaker+timeout': (work, signal) => {
    const policy = wrap(
      retry(handleAll, { maxAttempts: 1 }),
      circuitBreaker(handleAll, { halfOpenAfter: 10_000, breaker: new ConsecutiveBreaker(5) }),
      timeout(TIMEOUT_MS, TimeoutStrategy.Cooperative),
    );
    return () => policy.execute(work, signal);
  },
  opossum: (work) => {
    const breaker = new Opossum(work, { timeout: TIMEOUT_MS });
    return () => breaker.fire();
  },
  'p-retry': (work) => () => pRetry(work, { retries: 1 }),
} as const satisfies Record<string, Subject>;

export type SubjectName = keyof typeof byName;
export const subjects: Readonly<Record<SubjectName, Subject>> = byName;

/** Circuits that refuse every call. */
export const openCircuits = {
  'ours breaker': () => {
    const breaker = new CircuitBreaker({ key: 'bench', clock, rng });
    breaker.isolate();
    return () => breaker.execute(never);
  },
  'ours executeSafely': () => {
    const manager = new ReliabilityManager({ clock, rng });
    manager.breaker('bench').isolate();
    return () => manager.executeSafely(never, 'bench.call');
  },
  cockatiel: () => {
    const policy = circuitBreaker(handleAll, { halfOpenAfter: 3_600_000, breaker: new ConsecutiveBreaker(5) });
    policy.isolate();
    return () => policy.execute(never);
  },
  opossum: () => {
    const breaker = new Opossum(never, { resetTimeout: 3_600_000 });
    breaker.open();
    return () => breaker.fire();
  },
} as const satisfies Record<string, () => Call>;

function never(): Promise<never> {
  throw new Error('the circuit let a call through');
}
