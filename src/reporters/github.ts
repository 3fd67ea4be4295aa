import type { ChaosReport, CheckReport, ScenarioReport } from './chaos-report.ts';
import { renderMarkdownReport } from './markdown.ts';
import { defineReporter } from './reporter.ts';
import { visibleText } from './visible-text.ts';

/** GitHub drops a summary above 1 MiB as a whole. */
const summaryBytes = 1_000_000;

/**
 * Workflow commands for the log, which GitHub shows as annotations of the scenario file, and a page for the step's
 * summary. GitHub shows ten annotations a step: failures come before what is unknown.
 * Syntax: https://docs.github.com/actions/reference/workflow-commands-for-github-actions
 */
export const github = defineReporter({
  name: 'github',
  summary: 'annotations in the log, and the Markdown report in GITHUB_STEP_SUMMARY',
  render: (report) => [
    { to: 'log', text: annotations(report).map((line) => `${line}\n`).join('') },
    { to: 'step-summary', text: shortened(renderMarkdownReport(report)) },
  ],
});

function annotations({ scenarios }: ChaosReport): string[] {
  const all = scenarios.flatMap((scenario) => findings(scenario).map((check) => ({ scenario, check })));
  return [...all.filter(({ check }) => check.status === 'fail'), ...all.filter(({ check }) => check.status === 'unknown')].map(({ scenario, check }) => annotation(scenario, check));
}

function findings(scenario: ScenarioReport): CheckReport[] {
  const checks = scenario.checks.filter(({ status }) => status !== 'pass');
  if (scenario.verdict === 'pass' || (checks.length > 0 && scenario.problem === undefined)) return checks;
  return [...checks, { name: 'verdict', status: scenario.verdict, detail: scenario.problem ?? 'no check was judged', evidence: [] }];
}

function annotation(scenario: ScenarioReport, { name, status, detail, evidence, line }: CheckReport): string {
  const properties = { file: scenario.file, line: String(line ?? 1), title: `${scenario.name}: ${name} ${status}` };
  const message = [detail, ...(evidence.length === 0 ? [] : [`evidence: ${evidence.slice(0, 10).join(', ')}`]), `run folder ${scenario.run_dir}`].map(visibleText).join('\n');
  return `::error ${Object.entries(properties)
    .map(([key, value]) => `${key}=${escapeProperty(value)}`)
    .join(',')}::${escapeData(message)}`;
}

function escapeData(text: string): string {
  return visibleText(text).replaceAll('%', '%25').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** Cut between two blocks, so that no table loses its end in mid-row. */
function shortened(text: string): string {
  if (Buffer.byteLength(text) <= summaryBytes) return text;
  const kept: string[] = [];
  let bytes = 0;
  for (const block of text.split('\n\n')) {
    bytes += Buffer.byteLength(block) + 2;
    if (bytes > summaryBytes - 200) break;
    kept.push(block);
  }
  return `${kept.join('\n\n')}\n\nThe rest is left out: a summary has at most 1 MiB. \`--reporter markdown\` writes all of it.\n`;
}
