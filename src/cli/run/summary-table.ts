import type { ChalkInstance } from 'chalk';
import { hangingLine } from '../layout/hanging-line.ts';
import { textTable } from '../layout/text-table.ts';
import type { RunSummary } from './summary.ts';

/** Jobs shown one a row; of more, those that need a look and a count of the rest. */
const rowLimit = 40;
const head = ['job', 'level', 'sections', 'resumed', 'missing data', 'duration'] as const;
const missingColumn = 4;
const checkWidth = 20;

interface Look {
  readonly paint: ChalkInstance;
  readonly columns: number | undefined;
}

/** What a run ends with on a terminal: a row a job, what could not be used of the data, the verdict, and where things are. */
export function summaryTable(summary: RunSummary, runShown: string, { paint, columns }: Look): string {
  const attention = summary.jobs.filter((job) => !job.success || job.missing_data.length > 0 || job.resumed_sections > 0);
  const shown = summary.jobs.length <= rowLimit ? summary.jobs : [...attention, ...summary.jobs.filter((job) => !attention.includes(job))].slice(0, rowLimit);
  const rows = shown.map((job) => {
    const name = job.run_id.startsWith(`${summary.run_id}-`) ? job.run_id.slice(summary.run_id.length + 1) : job.run_id;
    const missing = job.problem ?? job.missing_data.slice(0, 3).join('; ') + (job.missing_data.length > 3 ? `; and ${job.missing_data.length - 3} more` : '');
    return [
      job.success ? name : paint.red(name),
      job.level === null ? '–' : job.level === 'FULL' ? job.level : paint.yellow(job.level),
      String(job.sections.length),
      String(job.resumed_sections),
      missing === '' ? paint.dim('none') : missing,
      job.duration_ms === null ? '–' : `${(job.duration_ms / 1_000).toFixed(2)} s`,
    ];
  });
  const rejected = summary.data.reduce((sum, entry) => sum + entry.rows_rejected, 0);
  const verdictColour = summary.verdict === 'pass' ? paint.green : summary.verdict === 'fail' ? paint.red : paint.yellow;
  const reported = summary.jobs.filter((job) => job.report_path !== null).length;
  const line = (text: string, indent = 2): string => hangingLine(text, indent, columns);
  return [
    ...(rows.length === 0 ? ['no job was begun'] : [textTable({ head, rows, wrapped: missingColumn, columns })]),
    ...(shown.length < summary.jobs.length ? [line(paint.dim(`and ${summary.jobs.length - shown.length} more jobs in summary.json`))] : []),
    '',
    ...slowestService(summary).map((text) => line(paint.dim(text))),
    ...(rejected > 0 ? [line(paint.yellow(`data: ${rejected} row${rejected === 1 ? '' : 's'} could not be used; ${runShown}/summary.json lists them under "data"`))] : []),
    ...summary.checks.map((check) => line(`${check.status === 'pass' ? paint.green('✔') : check.status === 'fail' ? paint.red('✘') : paint.yellow('?')} ${check.name.padEnd(checkWidth)} ${check.detail}`, checkWidth + 3)),
    ...(summary.problem === undefined ? [] : [line(paint.yellow(`not finished: ${summary.problem}`))]),
    line(`verdict ${verdictColour(summary.verdict)}   ${reported} report${reported === 1 ? '' : 's'} in ${runShown}/reports   first after ${seconds(summary.timings.first_report_ms)}, all after ${seconds(summary.timings.total_ms)}`),
    '',
  ].join('\n');
}

/** What a start in containers was spent on; nothing where no container was started. */
function slowestService({ timings }: RunSummary): string[] {
  const [slowest] = Object.entries(timings.services).filter(([, { ready_ms }]) => ready_ms !== undefined).toSorted(([, a], [, b]) => b.started_in_ms - a.started_in_ms);
  if (slowest === undefined) return [];
  const [service, { pull_ms = 0, create_ms = 0, start_ms = 0, ready_ms = 0 }] = slowest;
  return [`services ready after ${seconds(timings.infra_ready_ms)}, the last was ${service}: ${pull_ms === 0 ? '' : `image ${seconds(pull_ms)}, `}container made ${seconds(create_ms)}, started ${seconds(start_ms)}, answering ${seconds(ready_ms)}`];
}

function seconds(milliseconds: number | null): string {
  return milliseconds === null ? '–' : `${(milliseconds / 1_000).toFixed(2)} s`;
}
