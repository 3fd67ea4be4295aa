import type { ChaosReport, ScenarioReport } from '../../src/reporters/chaos-report.ts';

export function scenario(change: Partial<ScenarioReport> = {}): ScenarioReport {
  return {
    name: 'redis-drop',
    description: 'Redis vanishes while reports are written.',
    file: 'scenarios/redis-drop.yaml',
    seed: '1',
    verdict: 'pass',
    provider: 'embedded',
    duration_ms: 12_345,
    faults: [{ id: 'down-redis-1', target: 'redis', type: 'down', injected: 1, bytes_affected: null, affected: 7, unit: 'connections' }],
    checks: [{ name: 'no-job-lost', status: 'pass', detail: '4 accepted, 4 reported', evidence: ['seq 7'] }],
    jobs: { accepted: 4, reported: 4, lost: 0, duplicated: 0, resumed: 2, by_level: { FULL: 3, STANDARD: 1 } },
    run_dir: '.netra/runs/20261120-104501-3f9a1c',
    ...change,
  };
}

export function reportOf(...scenarios: readonly ScenarioReport[]): ChaosReport {
  const statuses = scenarios.map(({ verdict }) => verdict);
  return { v: 1, verdict: statuses.includes('fail') ? 'fail' : statuses.length === 0 || statuses.includes('unknown') ? 'unknown' : 'pass', scenarios };
}

/** Text that means something to XML, Markdown, workflow commands or a terminal. */
export const hostile = [
  `<script>alert("x & y")</script>`,
  `]]> <!-- --> <![CDATA[ &amp; &#0; '`,
  `::error file=x::oops%0A::set-output name=a::b`,
  `a|b\n| c | d |\n# heading\n\`\`\`\ncode`,
  `[link](javascript:x) **bold** _it_ ~~no~~ ![i](u)`,
  '\u001B[31mred\u001B[0m\u0000\u0007\u009B1m\r\nnext\rover',
  '\uD800 lone \uDFFF \uFFFE \uFFFF',
  '\u202Eright to left\u202C',
  'Grüße 模型 🧨 \u{1F468}\u200D\u{1F469}',
  ' 100% %25 , : = ; \t tab',
  '',
] as const;

export function hostileScenario(text: string): ScenarioReport {
  const failing = { name: text, detail: text, evidence: [text, text], status: 'fail' } as const;
  const run = scenario({
    name: text,
    description: text,
    file: text,
    seed: text,
    provider: text,
    run_dir: text,
    verdict: 'fail',
    problem: text,
    faults: [{ id: text, target: text, type: text, injected: 1, bytes_affected: 3, affected: 3, unit: text }],
    checks: [failing, { ...failing, status: 'unknown', line: 3 }, { ...failing, status: 'pass', waived: text }],
    jobs: { accepted: 1, reported: 0, lost: 1, duplicated: 0, resumed: 0, by_level: { [text]: 1 } },
  });
  return { ...run, control: { verdict: 'fail', duration_ms: 5, faults: run.faults, checks: run.checks, jobs: run.jobs, run_dir: text, problem: text, comparison: [text] } };
}
