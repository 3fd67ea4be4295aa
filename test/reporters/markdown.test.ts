import { describe, expect, it } from 'vitest';
import { markdown } from '../../src/reporters/markdown.ts';
import type { ScenarioReport } from '../../src/reporters/chaos-report.ts';
import { hostile, hostileScenario, reportOf, scenario } from './sample-report.ts';

const render = (...scenarios: readonly ScenarioReport[]): string => markdown.render(reportOf(...scenarios))[0]?.text ?? '';

/** Cells of a row: split where a bar is not escaped. */
const cells = (row: string): number => row.replaceAll(/\\\\/g, '').split(/(?<!\\)\|/).length - 2;

function tables(text: string): string[][] {
  return text.split('\n\n').map((block) => block.trimEnd().split('\n')).filter(([first]) => first?.startsWith('|') === true);
}

describe('the Markdown report', () => {
  it('P04 shows verdicts, faults, checks and jobs', () => {
    const text = render(scenario());
    expect(text).toContain('| redis-drop | ✅ pass | 4 of 4 | 0 | 2 | FULL 3, STANDARD 1 | 12.35 s |');
    expect(text).toContain('| down | redis | 1 | 7 connections |');
    expect(text).toContain('| no-job-lost | ✅ pass | 4 accepted, 4 reported | seq 7 |');
  });

  it('P04 puts the control beside the run, with what differs', () => {
    const lost = { name: 'no-job-lost', status: 'fail', detail: 'three were lost', evidence: [] } as const;
    const control = { ...scenario({ verdict: 'fail', checks: [lost], jobs: { accepted: 4, reported: 1, lost: 3, duplicated: 0, resumed: 0, by_level: { FULL: 1 } } }), comparison: ['lost: 0 with resilience, 3 without'] };
    const text = render(scenario({ control }));
    expect(text).toContain('| no-job-lost | ✅ pass | ❌ fail | 4 accepted, 4 reported | three were lost |');
    expect(text).toContain('| without | 1 of 4 | 3 | 0 | FULL 1 | 12.35 s |');
    expect(text).toContain('- lost: 0 with resilience, 3 without');
  });

  it('P04 an empty run says so', () => {
    expect(render()).toBe('# Chaos: ❔ unknown\n\nNo scenario was run.\n');
  });

  it.each(hostile)('P04 %j breaks no table, and is neither HTML nor a link', (text) => {
    const rendered = render(hostileScenario(text));
    const found = tables(rendered);
    expect(found.length).toBe(4);
    for (const [head = '', ...rows] of found) for (const row of rows) expect(cells(row)).toBe(cells(head));
    const outsideCode = rendered.replaceAll(/(`+)(?!`).*?[^`]\1(?!`)/g, '');
    expect(outsideCode).not.toMatch(/<[a-z!/]/i);
    expect(outsideCode).not.toMatch(/(?<!\\)\]\(/);
  });
});
