import { circuitBreaker, ConsecutiveBreaker, handleAll } from 'cockatiel';
import Opossum from 'opossum';
import { systemClock } from '../../src/core/clock.ts';
import { createRng } from '../../src/core/rng.ts';
import { CircuitBreaker, type BreakerConfig } from '../../src/reliability/index.ts';

const COUNT = 10_000;
const IDLE_MS = 1_000;
const rng = createRng('bench');
const work = async (): Promise<number> => 1;

export interface IdleFigures {
  readonly bytesEach: number;
  readonly bytesAfterCalls: number;
  readonly timers: number;
  /** Share of one processor, in percent. */
  readonly idleCpu: number;
}

const ours = (kind: BreakerConfig['kind']) => (): { execute(): Promise<unknown> } => {
  // Settings are shared, as those of a profile are.
  const breaker = new CircuitBreaker({ key: 'k', clock: systemClock, rng, config: settings[kind] });
  return { execute: () => breaker.execute(work) };
};
const settings = { consecutive: {}, count: { kind: 'count' }, time: { kind: 'time' } } as const;

const makers: Record<string, () => { execute(): Promise<unknown> }> = {
  'ours consecutive': ours('consecutive'),
  'ours count window': ours('count'),
  'ours time window': ours('time'),
  'cockatiel consecutive': () => {
    const policy = circuitBreaker(handleAll, { halfOpenAfter: 10_000, breaker: new ConsecutiveBreaker(5) });
    return { execute: () => policy.execute(work) };
  },
  opossum: () => {
    const breaker = new Opossum(work);
    return { execute: () => breaker.fire() };
  },
};

/** Size and idle cost of 10 000 breakers of one kind; one process for each kind, with --expose-gc. */
export async function idle(kind: string): Promise<IdleFigures> {
  const make = makers[kind];
  if (make === undefined) throw new Error(`no breaker kind ${kind}`);
  const holders: unknown[] = Array.from({ length: COUNT }, () => ({ execute: () => undefined }));
  const emptyBytes = heapBytes();
  const breakers = Array.from({ length: COUNT }, (_, index) => (holders[index] = make()));
  // The wrapper object and its closure are not part of a breaker: about as large as what they replace.
  const bytesEach = (heapBytes() - emptyBytes) / COUNT;
  for (const breaker of breakers) for (let call = 0; call < 20; call++) await breaker.execute();
  const bytesAfterCalls = (heapBytes() - emptyBytes) / COUNT;
  await new Promise((resolve) => void setTimeout(resolve, 50));
  const timers = process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
  const before = process.cpuUsage();
  await new Promise((resolve) => void setTimeout(resolve, IDLE_MS));
  const used = process.cpuUsage(before);
  return { bytesEach, bytesAfterCalls, timers, idleCpu: (used.user + used.system) / (IDLE_MS * 10) };
}

export const idleKinds = Object.keys(makers);

function heapBytes(): number {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error('run with --expose-gc');
  gc();
  gc();
  return process.memoryUsage().heapUsed;
}
