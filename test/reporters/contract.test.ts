import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { ChaosReport } from '../../src/reporters/chaos-report.ts';
import { reporters } from '../../src/reporters/index.ts';
import type { Reporter } from '../../src/reporters/reporter.ts';
import { hostile, hostileScenario, reportOf, scenario } from './sample-report.ts';

const folder = fileURLToPath(new URL('../../src/reporters', import.meta.url));
const control = { ...scenario({ verdict: 'fail' }), comparison: ['lost: 0 with resilience, 3 without'] };
const samples: readonly (readonly [string, ChaosReport])[] = [
  ['no scenario at all', reportOf()],
  ['a scenario that passes', reportOf(scenario())],
  ['one that could not begin', reportOf(scenario({ verdict: 'unknown', checks: [], faults: [], problem: 'no services', run_dir: '', jobs: { accepted: 0, reported: 0, lost: 0, duplicated: 0, resumed: 0, by_level: {} } }))],
  ['one with its control', reportOf(scenario({ control }))],
  ['two hundred at once', reportOf(...Array.from({ length: 200 }, (_, index) => scenario({ name: `s-${index}`, verdict: 'fail', checks: [{ name: 'c', status: 'fail', detail: 'd', evidence: [] }] })))],
  ...hostile.map((text) => [`names like ${JSON.stringify(text)}`, reportOf(hostileScenario(text))] as const),
];

function textOf(reporter: Reporter, report: ChaosReport): string {
  return reporter.render(report).map((output) => output.text).join('\n');
}

describe('every reporter', () => {
  it('P04 is a file called after it, and is registered', () => {
    const files = readdirSync(folder).map((file) => file.replace(/\.ts$/, ''));
    expect(reporters.map(({ name }) => name)).toEqual(['json', 'junit', 'markdown', 'html', 'github']);
    for (const { name, summary } of reporters) {
      expect(files).toContain(name);
      expect(summary.length).toBeGreaterThan(10);
    }
  });

  describe.each(reporters.map((reporter) => [reporter.name, reporter] as const))('%s', (_, reporter) => {
    it.each(samples)('P04 renders %s, the same twice, as text that is Unicode and drives no terminal', (_name, report) => {
      const before = structuredClone(report);
      const outputs = reporter.render(report);
      expect(outputs.length).toBeGreaterThan(0);
      expect(reporter.render(report)).toEqual(outputs);
      expect(report).toEqual(before);
      for (const output of outputs) {
        expect(output.text.isWellFormed()).toBe(true);
        expect(output.text).not.toMatch(/(?![\n\t])\p{Cc}/u);
        expect(output.text === '' || output.text.endsWith('\n')).toBe(true);
        expect(output.to !== 'file' || /^netra-chaos\.[a-z.]+$/.test(output.name)).toBe(true);
      }
    });

    it('P04 a failing scenario is told apart from one that passes, and one that was not judged from both', () => {
      const [passed, failed, unknown] = (['pass', 'fail', 'unknown'] as const).map((status) => textOf(reporter, reportOf(scenario({ verdict: status, checks: [{ name: 'c', status, detail: 'what was seen', evidence: [] }] }))));
      expect(new Set([passed, failed, unknown]).size).toBe(3);
      for (const text of [failed, unknown]) expect(text).toContain('what was seen');
    });

    it('P04 tells what kept a run from beginning', () => {
      const report = reportOf(scenario({ verdict: 'unknown', checks: [], problem: 'port taken' }));
      for (const output of reporter.render(report)) expect(output.text).toContain('port taken');
    });
  });

  it('P04 no two write the same file', () => {
    const names = reporters.flatMap((reporter) => reporter.render(reportOf(scenario()))).flatMap((output) => (output.to === 'file' ? [output.name] : []));
    expect(new Set(names).size).toBe(names.length);
  });
});
