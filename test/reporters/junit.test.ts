import { spawnSync } from 'node:child_process';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { junit } from '../../src/reporters/junit.ts';
import { visibleText } from '../../src/reporters/visible-text.ts';
import { parseXml, type XmlElement } from '../helpers/xml.ts';
import type { CheckReport, ScenarioReport } from '../../src/reporters/chaos-report.ts';
import { hostile, hostileScenario, reportOf, scenario } from './sample-report.ts';

const render = (...scenarios: readonly ScenarioReport[]): string => junit.render(reportOf(...scenarios))[0]?.text ?? '';
const expat = spawnSync('python3', ['-c', 'import xml.etree.ElementTree'], { timeout: 10_000 }).status === 0;

/** Elements, their attributes (required ones with `!`) and children, as the schemas of Jenkins and Surefire both have them. */
const schema: Readonly<Record<string, { attributes: readonly string[]; children: readonly string[] }>> = {
  testsuites: { attributes: ['name', 'tests', 'failures', 'errors', 'time', 'disabled'], children: ['testsuite'] },
  testsuite: { attributes: ['name!', 'tests!', 'failures!', 'errors!', 'skipped', 'time', 'timestamp', 'hostname', 'id', 'package'], children: ['properties', 'testcase', 'system-out', 'system-err'] },
  properties: { attributes: [], children: ['property'] },
  property: { attributes: ['name!', 'value!'], children: [] },
  testcase: { attributes: ['name!', 'classname!', 'time'], children: ['skipped', 'error', 'failure', 'system-out', 'system-err'] },
  failure: { attributes: ['message', 'type!'], children: [] },
  error: { attributes: ['message', 'type!'], children: [] },
  'system-out': { attributes: [], children: [] },
};

function violations(element: XmlElement): string[] {
  const rules = schema[element.name];
  if (rules === undefined) return [`<${element.name}> is no element of JUnit`];
  const names = rules.attributes.map((name) => name.replace('!', ''));
  return [
    ...Object.keys(element.attributes).filter((name) => !names.includes(name)).map((name) => `<${element.name}> has no attribute ${name}`),
    ...rules.attributes.filter((name) => name.endsWith('!') && element.attributes[name.slice(0, -1)] === undefined).map((name) => `<${element.name}> lacks ${name}`),
    ...Object.entries(element.attributes).filter(([name, value]) => (['tests', 'failures', 'errors', 'skipped'].includes(name) && !/^\d+$/.test(value)) || (name === 'time' && !/^\d+\.\d+$/.test(value))).map(([name]) => `${name} of <${element.name}> is no number`),
    ...(rules.children.length > 0 && element.text.trim() !== '' ? [`<${element.name}> holds text`] : []),
    ...element.children.filter((child) => !rules.children.includes(child.name)).map((child) => `<${child.name}> does not belong into <${element.name}>`),
    ...(element.children.toSorted((a, b) => rules.children.indexOf(a.name) - rules.children.indexOf(b.name)).some((child, index) => child !== element.children[index]) && element.name === 'testsuite' ? ['the children of <testsuite> are out of order'] : []),
    ...element.children.flatMap(violations),
  ];
}

function all(element: XmlElement, name: string): XmlElement[] {
  return [...(element.name === name ? [element] : []), ...element.children.flatMap((child) => all(child, name))];
}

const check = (status: 'pass' | 'fail' | 'unknown', name: string): CheckReport => ({ name, status, detail: name, evidence: [] });

describe('JUnit', () => {
  it.each([
    ['nothing', []],
    ['a pass', [scenario()]],
    ['a run without checks', [scenario({ verdict: 'unknown', checks: [] })]],
    ['hostile texts', hostile.map(hostileScenario)],
  ])('P04 %s: well-formed, and as the schemas of Jenkins and Surefire have it', (_, scenarios) => {
    const root = parseXml(render(...scenarios));
    expect(root.name).toBe('testsuites');
    expect(violations(root)).toEqual([]);
  });

  it('P04 the parser and the schema of this test find what is wrong', () => {
    for (const broken of ['<a><b></a>', '<a x="1" x="2"/>', '<a x="<"/>', '<a>&nope;</a>', '<a>\u0001</a>', '<a/><b/>', '<a>&</a>']) expect(() => parseXml(broken)).toThrow(/ at \d+: |is not allowed/);
    expect(violations(parseXml('<testsuite name="x"><testcase name="y" classname="z" colour="red"><failed/></testcase></testsuite>')).length).toBeGreaterThan(3);
  });

  it('P04 counts agree with the cases, in every suite and over all', () => {
    const root = parseXml(render(scenario({ verdict: 'fail', checks: [check('pass', 'a'), check('fail', 'b'), check('fail', 'c'), check('unknown', 'd')] }), scenario({ verdict: 'unknown', checks: [check('unknown', 'e')] })));
    for (const element of [root, ...root.children]) {
      expect(element.attributes).toMatchObject({ tests: String(all(element, 'testcase').length), failures: String(all(element, 'failure').length), errors: String(all(element, 'error').length) });
    }
    expect(root.attributes).toMatchObject({ tests: '5', failures: '2', errors: '2' });
  });

  it('P04 what is unknown is no success, and a run that was not judged is not empty', () => {
    for (const run of [scenario({ verdict: 'unknown', checks: [] }), scenario({ verdict: 'unknown', problem: 'it was interrupted' })]) {
      const root = parseXml(render(run));
      expect(root.attributes.errors).toBe('1');
      expect(all(root, 'testcase').length).toBe(run.checks.length + 1);
    }
  });

  it('P04 the control is told of, and fails nothing', () => {
    const control = { ...scenario({ verdict: 'fail', checks: [{ name: 'no-job-lost', status: 'fail', detail: 'three were lost', evidence: [] }] }), comparison: ['lost: 0 with resilience, 3 without'] };
    const root = parseXml(render(scenario({ control })));
    expect(root.attributes).toMatchObject({ failures: '0', errors: '0' });
    expect(all(root, 'system-out')[0]?.text).toContain('three were lost');
    expect(all(root, 'system-out')[0]?.text).toContain('lost: 0 with resilience, 3 without');
  });

  it('P04 whatever the texts are, a parser reads back what was written', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), fc.string({ unit: fc.constantFrom('<', '>', '&', '"', "'", ']', '\n', '\r', '\t', '\u0000', '\uD800', 'x'), maxLength: 20 }), (name, detail) => {
        const root = parseXml(render(scenario({ name, verdict: 'fail', checks: [{ name: detail, status: 'fail', detail, evidence: [] }] })));
        expect(root.children[0]?.attributes.name).toBe(visibleText(name));
        const [failure] = all(root, 'failure');
        expect(failure?.attributes.message).toBe(visibleText(detail));
        expect(failure?.text).toBe(visibleText(detail));
      }),
    );
  });

  it.runIf(expat)('P04 another parser (expat) reads the same', () => {
    const script = 'import sys, json, xml.etree.ElementTree as E\nprint(json.dumps([[s.get("name"), len(s.findall("testcase"))] for s in E.fromstring(sys.stdin.buffer.read()).findall("testsuite")]))';
    const { stdout, stderr } = spawnSync('python3', ['-c', script], { input: render(...hostile.map(hostileScenario)), encoding: 'utf8', timeout: 15_000, env: { ...process.env, PYTHONIOENCODING: 'utf-8' } });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual(hostile.map((text) => [visibleText(text), 4]));
  });
});
