import { createRng } from '../../src/core/rng.ts';
import { CircuitBreaker, ReliabilityManager, type BreakerConfig, type BreakerTransition, type ReliabilityEvent, type ReliabilityManagerOptions } from '../../src/reliability/index.ts';
import { VirtualClock } from '../helpers/virtual-clock.ts';

/** A manager on virtual time with everything it says. */
export function virtualManager(options: Partial<ReliabilityManagerOptions> = {}) {
  const clock = new VirtualClock();
  const listenerErrors: unknown[] = [];
  const manager = new ReliabilityManager({ clock, rng: createRng('test'), onListenerError: (error) => listenerErrors.push(error), ...options });
  const events: ReliabilityEvent[] = [];
  manager.events.on((event) => events.push(event));
  return { clock, manager, events, listenerErrors, types: () => events.map((event) => event.type) };
}

/** A breaker on virtual time with its transitions as `closed>open`. */
export function virtualBreaker(config: Partial<BreakerConfig> = {}, clock = new VirtualClock()) {
  const transitions: BreakerTransition[] = [];
  const breaker = new CircuitBreaker({ key: 'orders', clock, rng: createRng('test'), config, onTransition: (transition) => transitions.push(transition) });
  return { clock, breaker, transitions, steps: () => transitions.map(({ from, to }) => `${from}>${to}`) };
}

/** An error as Node gives it. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`connect ${code} 127.0.0.1:1`), { code });
}

export const refusedConnection = (): Error => systemError('ECONNREFUSED');

/** An operation that fails `times` times with a connection refused and then gives `value`; counts its calls. */
export function failing<T>(times: number, value: T, makeError: () => Error = refusedConnection) {
  const operation = async (): Promise<T> => {
    operation.calls++;
    if (operation.calls <= times) throw makeError();
    return value;
  };
  operation.calls = 0;
  return operation;
}

/** How a promise stands, without waiting for it. */
export function watch<T>(promise: Promise<T>) {
  const outcome: { settled: boolean; value?: T; error?: unknown } = { settled: false };
  promise.then(
    (value) => Object.assign(outcome, { settled: true, value }),
    (error: unknown) => Object.assign(outcome, { settled: true, error }),
  );
  return outcome;
}

/** Lets everything that is ready run, deferred clean-up included. */
export async function turns(count = 3): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => void setImmediate(resolve));
}

export const never = (): Promise<never> => new Promise(() => undefined);
