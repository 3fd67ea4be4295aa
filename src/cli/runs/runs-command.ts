import { Chalk } from 'chalk';
import Table from 'cli-table3';
import type { CommandHandler } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { listRuns } from './run-list.ts';

export const run: CommandHandler = async (input, context) => {
  const runs = await listRuns(context.cwd);
  if (input.options.json === true) {
    const rows = runs.map(({ runId, path, summary }) => ({ run_id: runId, verdict: summary?.verdict ?? null, jobs: summary?.jobs.length ?? null, seed: summary?.seed ?? null, path }));
    context.stdout.write(`${JSON.stringify(rows)}\n`);
    return exitCodes.pass;
  }
  if (runs.length === 0) {
    context.stdout.write('No runs here yet; `netra-resilience run` makes one.\n');
    return exitCodes.pass;
  }
  const paint = new Chalk({ level: context.colour ? 1 : 0 });
  const table = new Table({ head: ['run', 'verdict', 'jobs', 'reports', 'seed', 'provider', 'total'], style: { head: [], border: [], compact: true } });
  for (const { runId, summary } of runs) {
    if (summary === undefined) {
      table.push([runId, paint.yellow('not finished'), '–', '–', '–', '–', '–']);
      continue;
    }
    const verdict = { pass: paint.green, fail: paint.red, unknown: paint.yellow }[summary.verdict](summary.verdict);
    const reports = summary.jobs.filter((job) => job.report_path !== null).length;
    const total = summary.timings.total_ms === null ? '–' : `${(summary.timings.total_ms / 1_000).toFixed(2)} s`;
    table.push([runId, verdict, summary.jobs.length, reports, summary.seed, summary.provider, total]);
  }
  context.stdout.write(`${table.toString()}\n\`netra-resilience show <run>\` shows one; \`show latest job-1\` a report of the newest.\n`);
  return exitCodes.pass;
};
