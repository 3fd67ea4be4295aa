import type { ChaosReport, CheckReport, ScenarioReport } from './chaos-report.ts';
import { defineReporter } from './reporter.ts';
import { affectedText, levelCounts, seconds, visibleText } from './visible-text.ts';

/**
 * One suite a run of a scenario, one case a check, in the elements and attributes that Jenkins and Surefire agree on.
 * `fail` is a failure and `unknown` an error: neither is green.
 */
export const junit = defineReporter({
  name: 'junit',
  summary: 'JUnit XML, one suite a scenario and one case a check: netra-chaos.junit.xml',
  render: (report) => [{ to: 'file', name: 'netra-chaos.junit.xml', text: render(report) }],
});

function render({ scenarios }: ChaosReport): string {
  const suites = scenarios.map(toSuite);
  const sum = (count: (suite: Suite) => number): number => suites.reduce((total, suite) => total + count(suite), 0);
  const totals = { name: 'netra-resilience', tests: sum(({ cases }) => cases.length), failures: sum(failures), errors: sum(errors), time: time(scenarios.reduce((total, { duration_ms }) => total + duration_ms, 0)) };
  return ['<?xml version="1.0" encoding="UTF-8"?>', `<testsuites${attributes(totals)}>`, ...suites.flatMap(suiteLines), '</testsuites>', ''].join('\n');
}

interface Suite {
  readonly scenario: ScenarioReport;
  readonly cases: readonly CheckReport[];
}

function toSuite(scenario: ScenarioReport): Suite {
  const whole = scenario.checks.length > 0 && scenario.problem === undefined && scenario.checks.some(({ status }) => status === scenario.verdict);
  // A run that was not judged, or worse than its checks, would otherwise look empty or green.
  const verdict: CheckReport = { name: 'verdict', status: scenario.verdict, detail: scenario.problem ?? 'no check was judged', evidence: [] };
  return { scenario, cases: whole ? scenario.checks : [...scenario.checks, verdict] };
}

const failures = ({ cases }: Suite): number => cases.filter(({ status }) => status === 'fail').length;
const errors = ({ cases }: Suite): number => cases.filter(({ status }) => status === 'unknown').length;

function suiteLines(suite: Suite): string[] {
  const { scenario, cases } = suite;
  const properties = { seed: scenario.seed, provider: scenario.provider, verdict: scenario.verdict, file: scenario.file, run_dir: scenario.run_dir };
  return [
    `  <testsuite${attributes({ name: scenario.name, tests: cases.length, failures: failures(suite), errors: errors(suite), skipped: 0, time: time(scenario.duration_ms) })}>`,
    '    <properties>',
    ...Object.entries(properties).map(([name, value]) => `      <property${attributes({ name, value })}/>`),
    '    </properties>',
    ...cases.flatMap((check) => caseLines(check, scenario.name)),
    `    <system-out>${escapeText(systemOut(scenario))}</system-out>`,
    '  </testsuite>',
  ];
}

function caseLines({ name, status, detail, evidence }: CheckReport, scenario: string): string[] {
  const opening = `    <testcase${attributes({ name, classname: `netra.chaos.${scenario}`, time: time(0) })}`;
  if (status === 'pass') return [`${opening}/>`];
  const element = status === 'fail' ? 'failure' : 'error';
  const text = [detail, ...evidence].map(visibleText).join('\n');
  return [`${opening}>`, `      <${element}${attributes({ message: detail, type: status })}>${escapeText(text)}</${element}>`, '    </testcase>'];
}

function systemOut({ description, faults, jobs, control }: ScenarioReport): string {
  return [
    description,
    ...faults.map((fault) => `fault ${fault.id}: ${affectedText(fault)}`),
    `jobs: ${jobs.accepted} accepted, ${jobs.reported} reported, ${jobs.lost} lost, ${jobs.duplicated} duplicated, ${jobs.resumed} resumed; levels: ${levelCounts(jobs.by_level)}`,
    ...(control === undefined
      ? []
      : [
          `control (resilience off): ${control.verdict}, ${control.jobs.reported} of ${control.jobs.accepted} jobs reported, ${seconds(control.duration_ms)}`,
          ...control.comparison,
          ...control.checks.filter(({ status }) => status !== 'pass').map(({ name, status, detail }) => `control ${name}: ${status}: ${detail}`),
        ]),
  ].join('\n');
}

function time(milliseconds: number): string {
  return (milliseconds / 1_000).toFixed(3);
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeAttribute(String(value))}"`)
    .join('');
}

function escapeText(text: string): string {
  return visibleText(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** A parser turns a bare line break or tab of an attribute into a space. */
function escapeAttribute(text: string): string {
  return escapeText(text).replaceAll('"', '&quot;').replaceAll('\n', '&#10;').replaceAll('\t', '&#9;');
}
