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

interface Kind<Breaker> {
  make(): Breaker;
  call(breaker: Breaker): Promise<unknown>;
}

const kind = <Breaker>(make: () => Breaker, call: (breaker: Breaker) => Promise<unknown>): Kind<unknown> => ({ make, call: (breaker) => call(breaker as Breaker) });
const ours = (config: Partial<BreakerConfig>): Kind<unknown> =>
  kind(
    () => new CircuitBreaker({ key: 'k', clock: systemClock, rng, config }),
    (breaker) => breaker.execute(work),
  );

const kinds: Record<string, Kind<unknown>> = {
  'ours consecutive': ours({}),
  'ours count window': ours({ kind: 'count' }),
  'ours time window': ours({ kind: 'time' }),
  'cockatiel consecutive': kind(
    () => circuitBreaker(handleAll, { halfOpenAfter: 10_000, breaker: new ConsecutiveBreaker(5) }),
    (policy) => policy.execute(work),
  ),
  opossum: kind(
    () => new Opossum(work),
    (breaker) => breaker.fire(),
  ),
};

/** Size and idle cost of 10 000 breakers of one kind; one process for each kind, with --expose-gc. */
export async function idle(name: string): Promise<IdleFigures> {
  const measured = kinds[name] ?? fail(name);
  await measured.call(measured.make());
  const breakers = Array.from<unknown>({ length: COUNT }).fill(undefined);
  const emptyBytes = heapBytes();
  for (let index = 0; index < COUNT; index++) breakers[index] = measured.make();
  const bytesEach = (heapBytes() - emptyBytes) / COUNT;
  for (const breaker of breakers) for (let round = 0; round < 20; round++) await measured.call(breaker);
  const bytesAfterCalls = (heapBytes() - emptyBytes) / COUNT;
  await new Promise((resolve) => void setTimeout(resolve, 50));
  const timers = process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
  const before = process.cpuUsage();
  await new Promise((resolve) => void setTimeout(resolve, IDLE_MS));
  const used = process.cpuUsage(before);
  if (breakers.some((breaker) => breaker === undefined)) throw new Error('the breakers must live until here');
  return { bytesEach, bytesAfterCalls, timers, idleCpu: (used.user + used.system) / (IDLE_MS * 10) };
}

function fail(name: string): never {
  throw new Error(`no breaker kind ${name}`);
}

function heapBytes(): number {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error('run with --expose-gc');
  gc();
  gc();
  return process.memoryUsage().heapUsed;
}
