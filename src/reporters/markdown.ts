import { servicesOf } from '../journal/provider-words.ts';
import type { ChaosReport, RunReport, ScenarioReport } from './chaos-report.ts';
import { defineReporter } from './reporter.ts';
import { affectedText, levelCounts, oneLine, seconds } from './visible-text.ts';

export const markdown = defineReporter({
  name: 'markdown',
  summary: 'GitHub-flavoured Markdown for people: netra-chaos.md',
  render: (report) => [{ to: 'file', name: 'netra-chaos.md', text: renderMarkdownReport(report) }],
});

const marks = { pass: '✅', fail: '❌', unknown: '❔' } as const;

export function renderMarkdownReport({ verdict, scenarios }: ChaosReport): string {
  const blocks = [`# Chaos: ${marks[verdict]} ${verdict}`];
  if (scenarios.length === 0) blocks.push('No scenario was run.');
  else {
    blocks.push(
      table(
        ['scenario', 'verdict', 'jobs reported', 'lost', 'resumed', 'levels', 'time', ...(scenarios.some(({ control }) => control !== undefined) ? ['control'] : [])],
        scenarios.map((scenario) => [
          scenario.name,
          `${marks[scenario.verdict]} ${scenario.verdict}`,
          ...jobCells(scenario),
          ...(scenario.control === undefined ? [] : [`${marks[scenario.control.verdict]} ${scenario.control.verdict}`]),
        ]),
      ),
      ...scenarios.flatMap(sectionOf),
    );
  }
  return `${blocks.join('\n\n')}\n`;
}

function sectionOf(scenario: ScenarioReport): string[] {
  const { control } = scenario;
  return [
    `## ${escape(scenario.name)}: ${marks[scenario.verdict]} ${scenario.verdict}`,
    escape(scenario.description),
    `Seed ${code(scenario.seed)}, ${escape(scenario.provider === '' ? 'no services' : servicesOf(scenario.provider))}, run folder ${code(scenario.run_dir)}.`,
    ...(scenario.problem === undefined ? [] : [`**Not finished:** ${escape(scenario.problem)}`]),
    ...(scenario.faults.length === 0 ? [] : [table(['fault', 'target', 'injected', 'affected'], scenario.faults.map((fault) => [fault.type, fault.target || '–', String(fault.injected), affectedText(fault)]))]),
    control === undefined
      ? checkTable(scenario)
      : table(
          ['check', 'with resilience', 'without', 'detail', 'detail without'],
          namesOf(scenario, control).map((name) => {
            const [own, other] = [scenario, control].map(({ checks }) => checks.find((check) => check.name === name));
            return [name, ...[own, other].map((check) => (check === undefined ? '–' : `${marks[check.status]} ${check.status}`)), own?.detail ?? '–', other?.detail ?? '–'];
          }),
        ),
    ...(control === undefined
      ? []
      : [
          table(
            ['', 'jobs reported', 'lost', 'resumed', 'levels', 'time'],
            [
              ['with resilience', ...jobCells(scenario)],
              ['without', ...jobCells(control)],
            ],
          ),
          ...(control.comparison.length === 0 ? [] : [control.comparison.map((line) => `- ${escape(line)}`).join('\n')]),
          ...(control.problem === undefined ? [] : [`**The control was not finished:** ${escape(control.problem)}`]),
        ]),
  ];
}

function namesOf(...runs: readonly RunReport[]): string[] {
  return [...new Set(runs.flatMap(({ checks }) => checks.map(({ name }) => name)))];
}

function checkTable({ checks }: RunReport): string {
  return checks.length === 0
    ? 'No check was judged.'
    : table(
        ['check', 'status', 'detail', 'evidence'],
        checks.map(({ name, status, detail, evidence }) => [name, `${marks[status]} ${status}`, detail, evidence.slice(0, 10).join(', ') + (evidence.length > 10 ? ` and ${evidence.length - 10} more` : '')]),
      );
}

function jobCells({ jobs, duration_ms }: RunReport): string[] {
  return [`${jobs.reported} of ${jobs.accepted}`, String(jobs.lost), String(jobs.resumed), levelCounts(jobs.by_level), seconds(duration_ms)];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${head.map((_, index) => escape(cells[index] ?? '')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

/** Nothing that a name or a message holds is markup, a link or HTML. */
function escape(text: string): string {
  return oneLine(text)
    .replaceAll(/[\\`*_[\]|~#]/g, (character) => `\\${character}`)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/^([-+])|^(\d+)([.)])(?=\s|$)/, (_, sign: string | undefined, number: string | undefined, dot: string | undefined) => (sign === undefined ? `${number}\\${dot}` : `\\${sign}`));
}

/** The fence is longer than any run of backticks inside. */
function code(text: string): string {
  const line = oneLine(text);
  const fence = '`'.repeat(Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length)) + 1);
  return fence.length > 1 || line === '' ? `${fence} ${line} ${fence}` : `${fence}${line}${fence}`;
}
