import type { Benchmark } from './bench.ts';
import { measureRun } from './run/cli-run.ts';

const args = ['--concurrency', '32', '--llm-latency-ms', '0', '--llm-tokens-per-second', '0'];

/** Jobs a second with a model that costs nothing, for a short run and a long one, and what the hosts take of memory. */
export const benchmark: Benchmark = {
  name: 'throughput',
  summary: 'jobs per second at zero LLM latency for 100 and 2,000 jobs, and the memory of the hosts',
  async run() {
    await measureRun(['--jobs', '1']);
    const few = await measureRun(['--jobs', '100', ...args]);
    const many = await measureRun(['--jobs', '2000', ...args]);
    const rate = (run: typeof few): number => Math.round((run.jobs / run.workMs) * 10_000) / 10;
    return {
      name: 'throughput',
      rows: [
        { label: '100 jobs', value: rate(few), unit: 'jobs/s' },
        { label: '2,000 jobs', value: rate(many), unit: 'jobs/s' },
        { label: 'long run beside the short one', value: Math.round((rate(many) / rate(few)) * 100) / 100, unit: '×', bar: { min: 0.8 }, note: 'the short one has the warm-up in it' },
        ...[...many.hostPeakMb].map(([host, peakMb]) => ({ label: `peak memory of ${host}`, value: Math.round(peakMb), unit: 'MB', bar: { max: 250 } })),
      ],
    };
  },
};
