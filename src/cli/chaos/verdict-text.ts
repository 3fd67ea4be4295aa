import type { ChalkInstance } from 'chalk';
import type { VerdictStatus } from '../../journal/events.ts';
import { servicesOf } from '../../journal/provider-words.ts';
import type { CheckReport, RunReport, ScenarioReport } from '../../reporters/chaos-report.ts';
import { affectedText, levelCounts, oneLine, seconds } from '../../reporters/visible-text.ts';
import { textTable } from '../layout/text-table.ts';

export interface Look {
  readonly paint: ChalkInstance;
  /** Width of the terminal; undefined = there is none. */
  readonly columns: number | undefined;
}

const marks: Readonly<Record<VerdictStatus, string>> = { pass: '✔', fail: '✘', unknown: '?' };

/** Everything about one run of a scenario, and its control beside it; the same live and from its journal. */
export function scenarioText(report: ScenarioReport, { paint, columns }: Look): string {
  const { control } = report;
  const head = control === undefined ? ['check', 'status', 'detail'] : ['check', 'status', 'without', 'detail'];
  const rows = report.checks.map((check) => {
    const other = control?.checks.find(({ name }) => name === check.name);
    return [check.name, status(check, paint), ...(control === undefined ? [] : [other === undefined ? '–' : status(other, paint)]), oneLine(check.detail)];
  });
  return [
    `${paint.bold(report.name)}  ${coloured(report.verdict, paint)}  seed ${oneLine(report.seed)}  ${servicesOf(report.provider)}  ${seconds(report.duration_ms)}`,
    ...(report.problem === undefined ? [] : [paint.yellow(`not finished: ${oneLine(report.problem)}`)]),
    ...(report.faults.length === 0
      ? []
      : [textTable({ head: ['fault', 'injected', 'affected'], rows: report.faults.map((fault) => [fault.id, String(fault.injected), affectedText(fault)]), wrapped: 2, columns }), '']),
    ...(rows.length === 0 ? ['no check was judged'] : [textTable({ head, rows, wrapped: head.length - 1, columns }), '']),
    ...(control === undefined ? [jobsLine(report)] : sideBySide(report, control, { paint, columns })),
    ...(report.run_dir === '' ? [] : [paint.dim(`run folder ${report.run_dir}${control === undefined || control.run_dir === '' ? '' : `, of the control ${control.run_dir}`}`)]),
    '',
  ].join('\n');
}

/** One row a run, for more than one of them. */
export function overviewText(reports: readonly ScenarioReport[], { paint, columns }: Look): string {
  const rows = reports.map((report) => [
    report.name,
    coloured(report.verdict, paint),
    ...(report.control === undefined ? [] : [coloured(report.control.verdict, paint)]),
    `${report.jobs.reported} of ${report.jobs.accepted}`,
    seconds(report.duration_ms),
    report.problem ?? report.checks.filter((check) => check.status !== 'pass').map(({ name }) => name).join(', '),
  ]);
  const head = ['scenario', 'verdict', ...(reports.some(({ control }) => control !== undefined) ? ['without'] : []), 'reported', 'time', 'not passed'];
  return `${textTable({ head, rows, wrapped: head.length - 1, columns })}\n`;
}

function sideBySide(report: ScenarioReport, control: RunReport & { readonly comparison: readonly string[] }, { paint, columns }: Look): string[] {
  const row = (name: string, { verdict, jobs, duration_ms }: RunReport): string[] => [name, coloured(verdict, paint), `${jobs.reported} of ${jobs.accepted}`, String(jobs.lost), String(jobs.resumed), levelCounts(jobs.by_level), seconds(duration_ms)];
  return [
    textTable({ head: ['', 'verdict', 'reported', 'lost', 'resumed', 'levels', 'time'], rows: [row('with resilience', report), row('without', control)], wrapped: 5, columns }),
    ...(control.problem === undefined ? [] : [paint.yellow(`the control was not finished: ${oneLine(control.problem)}`)]),
    ...control.checks.filter((check) => check.status !== 'pass' && report.checks.find(({ name }) => name === check.name)?.detail !== check.detail).map((check) => `  without, ${check.name}: ${oneLine(check.detail)}`),
    ...(control.comparison.length === 0 ? ['resilience made no difference in figures'] : control.comparison.map((line) => `  ${oneLine(line)}`)),
  ];
}

function jobsLine({ jobs }: RunReport): string {
  return `jobs ${jobs.reported} of ${jobs.accepted} reported, ${jobs.lost} lost, ${jobs.duplicated} duplicated, ${jobs.resumed} resumed; levels ${levelCounts(jobs.by_level)}`;
}

function status(check: CheckReport, paint: ChalkInstance): string {
  return painter(check.status, paint)(`${marks[check.status]} ${check.waived === undefined ? check.status : 'waived'}`);
}

function coloured(verdict: VerdictStatus, paint: ChalkInstance): string {
  return painter(verdict, paint)(verdict);
}

function painter(verdict: VerdictStatus, paint: ChalkInstance): ChalkInstance {
  return verdict === 'pass' ? paint.green : verdict === 'fail' ? paint.red : paint.yellow;
}
