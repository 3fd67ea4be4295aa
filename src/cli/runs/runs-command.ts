import { Chalk } from 'chalk';
import { refuseWrongWords, type CommandHandler } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { textTable } from '../layout/text-table.ts';
import type { RunSummary } from '../run/summary.ts';
import { listRuns } from './run-list.ts';

const head = ['run', 'verdict', 'jobs', 'reports', 'seed', 'provider', 'total'] as const;
const seedColumn = 4;

export const run: CommandHandler = async (input, context) => {
  refuseWrongWords(input);
  const runs = await listRuns(context.cwd);
  if (input.options.json === true) {
    const rows = runs.map(({ runId, path, finished, summary }) => ({
      run_id: runId,
      finished,
      verdict: finished ? (summary?.verdict ?? null) : null,
      jobs: summary?.jobs.length ?? null,
      reports: summary === undefined ? null : reportCount(summary),
      seed: summary?.seed ?? null,
      path,
    }));
    context.stdout.write(`${JSON.stringify(rows)}\n`);
    return exitCodes.pass;
  }
  if (runs.length === 0) {
    context.stdout.write('No runs here yet; `netra-resilience run` makes one.\n');
    return exitCodes.pass;
  }
  const paint = new Chalk({ level: context.colour ? 1 : 0 });
  const rows = runs.map(({ runId, finished, summary }) => {
    if (summary === undefined) return [runId, paint.yellow('unreadable'), '–', '–', '–', '–', '–'];
    const verdict = finished ? { pass: paint.green, fail: paint.red, unknown: paint.yellow }[summary.verdict](summary.verdict) : paint.yellow('not finished');
    const total = summary.timings.total_ms === null ? '–' : `${(summary.timings.total_ms / 1_000).toFixed(2)} s`;
    return [runId, verdict, String(summary.jobs.length), String(reportCount(summary)), summary.seed, summary.provider, total];
  });
  context.stdout.write(`${textTable({ head, rows, wrapped: seedColumn, columns: context.columns })}\n\n\`netra-resilience show <run>\` shows one, \`netra-resilience show latest job-1\` a report of the newest.\n`);
  return exitCodes.pass;
};

function reportCount(summary: RunSummary): number {
  return summary.jobs.filter((job) => job.report_path !== null).length;
}
