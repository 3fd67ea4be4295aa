import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { github } from '../../src/reporters/github.ts';
import { visibleText } from '../../src/reporters/visible-text.ts';
import type { ScenarioReport } from '../../src/reporters/chaos-report.ts';
import { hostile, hostileScenario, reportOf, scenario } from './sample-report.ts';

const output = (to: 'log' | 'step-summary', ...scenarios: readonly ScenarioReport[]): string => github.render(reportOf(...scenarios)).find((each) => each.to === to)?.text ?? '';
const failing = (name: string, detail: string) => scenario({ name, verdict: 'fail', checks: [{ name: 'resumed', status: 'fail', detail, evidence: [], line: 12 }] });

const data = (text: string): string => text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');

/** As the runner reads a line: properties are split at commas before they are unescaped. */
function parseCommand(line: string): { command: string; properties: Record<string, string>; message: string } {
  const [, command = '', list = '', message = ''] = /^::(\w+) (.*?)::(.*)$/.exec(line) ?? [];
  const properties = list.split(',').map((pair) => pair.split(/=(.*)/s) as [string, string]);
  return { command, message: data(message), properties: Object.fromEntries(properties.map(([key, value]) => [key, data(value.replaceAll('%3A', ':').replaceAll('%2C', ','))])) };
}

describe('GitHub annotations', () => {
  it('P04 a check that failed is an error at the line of the scenario that asks for it', () => {
    expect(parseCommand(output('log', failing('redis-drop', '0 of 4 were resumed')).trimEnd())).toEqual({
      command: 'error',
      properties: { file: 'scenarios/redis-drop.yaml', line: '12', title: 'redis-drop: resumed fail' },
      message: '0 of 4 were resumed\nrun folder .netra/runs/20261120-104501-3f9a1c',
    });
  });

  it('P04 what passed is not annotated; what is unknown is, after what failed', () => {
    expect(output('log', scenario())).toBe('');
    const unknown = scenario({ name: 'u', verdict: 'unknown', checks: [{ name: 'c', status: 'unknown', detail: 'd', evidence: [] }] });
    const titles = output('log', unknown, failing('f', 'd')).trimEnd().split('\n').map((line) => parseCommand(line).properties.title);
    expect(titles).toEqual(['f: resumed fail', 'u: c unknown']);
  });

  it('P04 a run that was not judged is annotated with what kept it', () => {
    expect(output('log', scenario({ verdict: 'unknown', checks: [], problem: 'no services' }))).toContain('::no services%0A');
  });

  it.each(hostile)('P04 %j cannot begin a command of its own, and is read back', (text) => {
    const lines = output('log', hostileScenario(text)).trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    for (const line of lines) expect(line.startsWith('::error file=')).toBe(true);
    expect(parseCommand(lines[0] ?? '').properties.file).toBe(visibleText(text));
  });

  it('P04 whatever the texts are, the runner reads back what was written', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 30 }), fc.string({ unit: fc.constantFrom(':', ',', '%', '2', '5', 'A', '\n', '\r', '=', ' '), maxLength: 20 }), (name, detail) => {
        const { properties, message } = parseCommand(output('log', failing(name, detail)).trimEnd());
        expect(properties.title).toBe(`${visibleText(name)}: resumed fail`);
        expect(message.startsWith(visibleText(detail))).toBe(true);
      }),
    );
  });
});

describe('GitHub step summary', () => {
  it('P04 is the Markdown report, below what GitHub takes', () => {
    expect(output('step-summary', scenario())).toContain('# Chaos: ✅ pass');
    const huge = Array.from({ length: 400 }, (_, index) => failing(`s-${index}`, 'x'.repeat(5_000)));
    const text = output('step-summary', ...huge);
    expect(Buffer.byteLength(text)).toBeLessThan(2 ** 20);
    expect(text).toContain('The rest is left out');
  });
});
