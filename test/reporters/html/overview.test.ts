import { describe, expect, it } from 'vitest';
import type { ScenarioReport } from '../../../src/reporters/chaos-report.ts';
import { html } from '../../../src/reporters/html.ts';
import { reportOf, scenario } from '../sample-report.ts';

const textOf = (place?: (path: string) => string, ...scenarios: readonly ScenarioReport[]): string => html.render(reportOf(...scenarios), place)[0]?.text ?? '';

describe('the page over all scenarios', () => {
  it('P04 leads to the report of each run, and of its control, from where it is itself', () => {
    const control = { ...scenario({ verdict: 'fail', run_dir: '.netra/runs/b' }), comparison: [] };
    const text = textOf((path) => `../runs of/${path.split('/').slice(2).join('/')}`, scenario({ run_dir: '.netra/runs/a', control }), scenario({ name: 'other', run_dir: '' }));
    expect(text).toContain('<a href="../runs%20of/a/report.html">redis-drop</a>');
    expect(text).toContain('<a href="../runs%20of/b/report.html">report</a>');
    expect(text).toContain('<th scope="row">other</th>');
    expect(text).toContain('2 of 2 passed');
  });

  it('P04 a run folder whose name looks like an address is a path', () => {
    expect(textOf(undefined, scenario({ run_dir: 'javascript:alert(1)' }))).toContain('href="./javascript%3Aalert(1)/report.html"');
    expect(textOf(undefined, scenario({ run_dir: '/tmp/a#b?c' }))).toContain('href="/tmp/a%23b%3Fc/report.html"');
  });

  it('P04 lists what did not pass', () => {
    const failed = scenario({ name: 'f', verdict: 'fail', checks: [{ name: 'no-job-lost', status: 'fail', detail: '1 job was lost', evidence: [] }] });
    expect(textOf(undefined, failed)).toContain('What did not pass');
    expect(textOf(undefined, failed)).toContain('1 job was lost');
    expect(textOf(undefined, scenario())).not.toContain('What did not pass');
  });
});
