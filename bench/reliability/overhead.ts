import { Bench } from 'tinybench';
import { openCircuits, subjects, type Call } from './subjects.ts';

const CALLS = 1_000;
const bare = async (): Promise<number> => 1;

/**
 * Nanoseconds per call, one after the other: a sample is 1000 awaited calls; a turn of the event
 * loop after each lets timers run. `turn` rotates the order of the cases.
 */
export async function overhead(turn: number): Promise<Record<string, number>> {
  const cases: [string, () => Promise<void>][] = [
    ...Object.entries(subjects).map(([name, subject]): [string, () => Promise<void>] => [name, sequence(subject(bare))]),
    ...Object.entries<() => Call>(openCircuits).map(([name, make]): [string, () => Promise<void>] => [`refused: ${name}`, refusals(make())]),
  ];
  const rotated = [...cases.slice(turn % cases.length), ...cases.slice(0, turn % cases.length)];
  const bench = new Bench({ time: 300, warmupTime: 150, throws: true });
  for (const [name, run] of rotated) bench.add(name, run, { afterEach: nextTurn });
  await bench.run();
  return Object.fromEntries(
    bench.tasks.map((task) => {
      const { result } = task;
      if (!('latency' in result)) throw new Error(`${task.name} was not measured: ${result.state}`);
      return [task.name, (result.latency.p50 * 1e6) / CALLS];
    }),
  );
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

function sequence(call: Call): () => Promise<void> {
  return async () => {
    for (let index = 0; index < CALLS; index++) await call();
  };
}

function refusals(call: Call): () => Promise<void> {
  return async () => {
    for (let index = 0; index < CALLS; index++) {
      try {
        await call();
      } catch {
        continue;
      }
      throw new Error('not refused');
    }
  };
}
