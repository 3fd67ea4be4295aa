import { systemClock } from '../../src/core/clock.ts';
import { createRng } from '../../src/core/rng.ts';
import { CircuitBreaker, ReliabilityManager, type BreakerConfig } from '../../src/reliability/index.ts';

/** Measurements that need a process of its own with --expose-gc: `memory.fixture.ts <what>` prints JSON. */
const { gc } = globalThis;
if (gc === undefined) throw new Error('run with --expose-gc');
const rng = createRng('x');
const clock = systemClock;

async function heapBytes(): Promise<number> {
  // What was made in this turn, and deferred clean-up, goes first.
  for (let turn = 0; turn < 3; turn++) {
    await new Promise((resolve) => void setImmediate(resolve));
    gc?.();
  }
  return process.memoryUsage().heapUsed;
}

/** The last one may still be in a register of this function's frame. */
function left(list: WeakRef<object>[]): number {
  return list.slice(0, -1).filter((reference) => reference.deref() !== undefined).length;
}

async function collected(): Promise<object> {
  const references = { breakers: [] as WeakRef<object>[], managers: [] as WeakRef<object>[] };
  for (let index = 0; index < 200; index++) {
    const breaker = new CircuitBreaker({ key: 'k', clock, rng, config: { threshold: 1 } });
    await breaker.execute(() => Promise.reject(new Error('down'))).catch(() => undefined);
    const manager = new ReliabilityManager({ clock, rng });
    await manager.executeSafely(async () => 1, 'x.y', { signal: new AbortController().signal });
    references.breakers.push(new WeakRef(breaker));
    references.managers.push(new WeakRef(manager));
  }
  await heapBytes();
  return { breakersLeft: left(references.breakers), managersLeft: left(references.managers) };
}

/** Growth of the heap over a million calls, a tenth of which fail, time out of it or are aborted. */
async function calls(): Promise<object> {
  const manager = new ReliabilityManager({ clock, rng });
  const run = new AbortController();
  const failing = { retry: { maxAttempts: 1 }, breaker: false } as const;
  const round = async (count: number): Promise<void> => {
    for (let call = 0; call < count; call++) {
      if (call % 100 === 0) await manager.executeSafely(() => Promise.reject(new Error(`down ${call}`)), 'x.fail', failing).catch(() => undefined);
      else if (call % 100 === 1) await manager.executeSafely(async () => 1, 'x.abort', { signal: AbortSignal.abort() }).catch(() => undefined);
      else if (call % 100 === 2) await manager.executeSafely(async ({ signal }) => signal.aborted, 'x.signal', { signal: run.signal, profile: 'DATABASE' });
      else await manager.executeSafely(async () => call, 'x.ok', { signal: run.signal });
      if (call % 10_000 === 0) await new Promise((resolve) => void setImmediate(resolve));
    }
  };
  await round(100_000);
  const before = await heapBytes();
  await round(1_000_000);
  const grown = (await heapBytes()) - before;
  return { grownBytes: grown, timers: process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length, calls: manager.health().components['x']?.calls };
}

/** Bytes of one breaker among ten thousand, after twenty calls each, a few of them failed. */
async function breakers(): Promise<object> {
  const sizes: Record<string, number> = {};
  for (const kind of ['consecutive', 'count', 'time'] satisfies BreakerConfig['kind'][]) {
    const all = Array.from<CircuitBreaker | undefined>({ length: 10_000 }).fill(undefined);
    const before = await heapBytes();
    for (let index = 0; index < all.length; index++) all[index] = new CircuitBreaker({ key: 'k', clock, rng, config: { kind } });
    for (const breaker of all) {
      for (let call = 0; call < 20; call++) {
        const ticket = breaker?.tryAdmit() ?? 0;
        if (call % 5 === 0) breaker?.fail(ticket, 0);
        else breaker?.succeed(ticket, 0);
      }
    }
    sizes[kind] = ((await heapBytes()) - before) / all.length;
    if (all.some((breaker) => breaker?.state !== 'closed')) throw new Error('a breaker opened');
  }
  return sizes;
}

const suites: Record<string, () => Promise<object>> = { collected, calls, breakers };
console.log(JSON.stringify(await suites[process.argv[2] ?? '']?.()));
