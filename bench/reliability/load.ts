import { subjects, type Call, type SubjectName } from './subjects.ts';

const concurrentSubjects: readonly SubjectName[] = ['bare', 'ours breaker', 'ours retry+breaker+timeout', 'ours executeSafely', 'cockatiel breaker', 'cockatiel retry+breaker+timeout', 'opossum', 'p-retry'];
const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** Calls per second of 1000 workers in a closed loop, the work being one turn of the event loop. */
export async function concurrent(): Promise<Record<string, number>> {
  const results: Record<string, number> = {};
  for (const name of concurrentSubjects) {
    const call = subjects[name](nextTurn);
    await closedLoop(call, 1_000, 20_000);
    const calls = name === 'cockatiel retry+breaker+timeout' ? 60_000 : 200_000;
    const startedAt = performance.now();
    await closedLoop(call, 1_000, calls);
    results[name] = calls / ((performance.now() - startedAt) / 1_000);
  }
  return results;
}

/** Processor microseconds per call with 10 000 in flight under one shared signal, the work being a 5 ms timer. */
export async function inFlight(): Promise<Record<string, number>> {
  const results: Record<string, number> = {};
  for (const name of ['bare', 'ours retry+breaker+timeout', 'ours executeSafely', 'cockatiel retry+breaker+timeout'] as const) {
    const run = new AbortController();
    const call = subjects[name](() => new Promise((resolve) => void setTimeout(resolve, 5)), run.signal);
    await closedLoop(call, 10_000, 20_000);
    const before = process.cpuUsage();
    await closedLoop(call, 10_000, 100_000);
    const used = process.cpuUsage(before);
    results[name] = (used.user + used.system) / 100_000;
  }
  return results;
}

async function closedLoop(call: Call, workers: number, calls: number): Promise<void> {
  let left = calls;
  const worker = async (): Promise<void> => {
    while (left-- > 0) await call();
  };
  await Promise.all(Array.from({ length: workers }, worker));
}
