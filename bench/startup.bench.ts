import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Benchmark } from './bench.ts';
import { measureRun, median, type MeasuredRun } from './run/cli-run.ts';

const bin = fileURLToPath(new URL('../bin/netra-resilience.js', import.meta.url));
const runs = 7;

/** From the command typed to the first report, cache warm; and the time of `--help`. */
export const benchmark: Benchmark = {
  name: 'startup',
  summary: 'from `run` typed to the first finished report, and `--help`',
  async run() {
    await measureRun(['--jobs', '1']);
    const measured: MeasuredRun[] = [];
    for (let index = 0; index < runs; index++) measured.push(await measureRun([]));
    const help = Array.from({ length: 15 }, () => {
      const startedAtMs = performance.now();
      spawnSync(process.execPath, [bin, '--help'], { stdio: 'ignore' });
      return performance.now() - startedAtMs;
    });
    const phase = (name: keyof (typeof measured)[number]['timings']): number => median(measured.map((run) => run.timings[name]));
    return {
      name: 'startup',
      rows: [
        { label: `first report, median of ${runs}`, value: Math.round(median(measured.map((run) => run.firstReportMs))), unit: 'ms', bar: { max: 3_000 } },
        { label: 'services ready', value: phase('infra_ready_ms'), unit: 'ms' },
        { label: 'fleet ready', value: phase('fleet_ready_ms'), unit: 'ms' },
        { label: 'whole run of 4 jobs', value: phase('total_ms'), unit: 'ms' },
        { label: '--help, median of 15', value: Math.round(median(help)), unit: 'ms', bar: { max: 150 } },
      ],
    };
  },
};
