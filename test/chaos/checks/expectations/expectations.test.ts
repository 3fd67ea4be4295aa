import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectations } from '../../../../src/chaos/checks/expectations/index.ts';
import { percentile } from '../../../../src/chaos/checks/percentile.ts';
import { scenarioOf } from '../../../helpers/scenario.ts';
import type { VerdictStatus } from '../../../../src/journal/events.ts';
import { journal, type JournalBuilder } from '../journal-builder.ts';

type Case = [VerdictStatus, string, Record<string, unknown>, JournalBuilder];

function find(name: string): (typeof expectations)[number] {
  const found = expectations.find((each) => each.name === name);
  if (found === undefined) throw new Error(`there is no expectation ${name}`);
  return found;
}

function judges(name: string, cases: readonly Case[]): void {
  it.each(cases)(`P02 ${name}: %s where %s`, (status, _why, parameters, built) => {
    const definition = find(name);
    expect(definition.judge(built.events, definition.parameters.parse(parameters))).toMatchObject({ status });
  });
}

const one = (): JournalBuilder => journal().host('reporting-1');
const levels = (...given: readonly string[]): JournalBuilder => {
  const built = journal();
  given.forEach((level, index) => (level === 'none' ? built.accept(`j${index}`) : built.accept(`j${index}`).report(`j${index}`, { level })));
  return built;
};
const times = (...given: readonly number[]): JournalBuilder => {
  const built = journal();
  given.forEach((durationMs, index) => built.accept(`j${index}`).report(`j${index}`, {}, durationMs));
  return built;
};
const sources = (...given: readonly string[]): JournalBuilder => journal().accept('a').stored('a', { sections: given.map((source, index) => ({ name: `s${index}`, source })) });
const yaml = (expected: string): string => `workload: { jobs: 2 }\nfaults:\n  - { type: down, target: redis, at: 0s, for: 1s }\nexpect:\n  - ${expected}\n`;

describe('expectations', () => {
  it('P02 every expectation is unknown where nothing is known', () => {
    const parameters: Record<string, Record<string, unknown>> = {
      breaker: { name: 'llm', reaches: 'open' },
      'jobs-refused': { at_most: 0 },
      latency: { at_most: '1s' },
      'level-reached': { at_most: 1 },
      recovery: { within: '1s' },
      'report-level': { at_least: 'BASIC' },
      resumed: { at_least: 1 },
      'retry-amplification': { at_most: 2 },
      'template-sections': { at_most: 1 },
      'tokens-wasted': { at_most: 0 },
    };
    expect(expectations.map(({ name }) => name)).toEqual(Object.keys(parameters));
    for (const each of expectations) expect([each.name, each.judge([], each.parameters.parse(parameters[each.name])).status]).toEqual([each.name, 'unknown']);
  });

  const steady = { type: 'steady.checked', phase: 'before', met: true, waited_ms: 1, detail: '' } as const;
  judges('report-level', [
    ['pass', 'every report is good enough', { at_least: 'STANDARD' }, levels('FULL', 'STANDARD')],
    ['fail', 'one is not', { at_least: 'STANDARD' }, levels('FULL', 'BASIC')],
    ['pass', 'the share is reached', { at_least: 'STANDARD', share: 0.5 }, levels('FULL', 'BASIC')],
    ['fail', 'the share is missed', { at_least: 'STANDARD', share: 0.6 }, levels('FULL', 'BASIC')],
    ['fail', 'a job has no report', { at_least: 'FALLBACK' }, levels('FULL', 'none')],
    ['fail', 'a level is unheard of', { at_least: 'FALLBACK' }, levels('SPLENDID')],
  ]);
  judges('latency', [
    ['pass', 'the percentile is within bounds', { percentile: 50, at_most: '200ms' }, times(100, 200, 300, 400)],
    ['fail', 'the percentile is not', { percentile: 51, at_most: '200ms' }, times(100, 200, 300, 400)],
    ['fail', 'a job without a report counts as endless', { percentile: 95, at_most: '1h' }, times(100).accept('b').add({ type: 'job.overdue', job: 'b', job_id: 'r-b', waited_ms: 1 })],
  ]);
  judges('breaker', [
    ['pass', 'it is reached', { name: 'llm', reaches: 'open' }, one().breaker('closed', 'open')],
    ['fail', 'another state is', { name: 'llm', reaches: 'half-open' }, one().breaker('closed', 'open')],
    ['fail', 'another breaker does', { name: 'redis', reaches: 'open' }, one().breaker('closed', 'open')],
    ['pass', 'a host of the role does', { name: 'llm', reaches: 'open', host: 'reporting' }, one().breaker('closed', 'open')],
    ['fail', 'another host does', { name: 'llm', reaches: 'open', host: 'reporting-2' }, one().breaker('closed', 'open')],
    ['unknown', 'no host was heard', { name: 'llm', reaches: 'open' }, one()],
  ]);
  judges('resumed', [
    ['pass', 'enough reports were', { at_least: 1 }, journal().accept('a').report('a', { resumed_sections: 2 })],
    ['fail', 'too few were', { at_least: 2 }, journal().accept('a').accept('b').report('a', { resumed_sections: 2 }).report('b')],
  ]);
  judges('recovery', [
    ['pass', 'it is back in time', { within: '3s' }, one().level(0, 1).heal('f@1').at(2_000).level(1, 0)],
    ['fail', 'it is back too late', { within: '1s' }, one().level(0, 1).heal('f@1').at(2_000).level(1, 0)],
    ['fail', 'it never is', { within: '1s' }, one().level(0, 1).heal('f@1').at(2_000).exit('reporting-1')],
    ['unknown', 'the run ended too soon', { within: '3s' }, one().level(0, 1).heal('f@1').at(2_000).exit('reporting-1')],
  ]);
  judges('retry-amplification', [
    ['pass', 'sections are asked for once', { at_most: 1 }, journal().accept('a').called('a', 'x').called('a', 'y')],
    ['fail', 'one is asked for thrice', { at_most: 1.9 }, journal().accept('a').called('a', 'x').called('a', 'x').called('a', 'x').called('a', 'y')],
    ['pass', 'that is allowed', { at_most: 2 }, journal().accept('a').called('a', 'x').called('a', 'x').called('a', 'x').called('a', 'y')],
    ['pass', 'other calls are none of it', { at_most: 1 }, journal().accept('a').called('a', 'x').called('steady-before', 'x').called('steady-before', 'x').called('a', null)],
    ['unknown', 'only the steady state check asked', { at_most: 1 }, journal().accept('a').called('steady-before', 'x')],
  ]);
  judges('tokens-wasted', [
    ['pass', 'every answer was used', { at_most: 0 }, journal().accept('a').called('a', 'x').called('a', 'y').report('a')],
    ['fail', 'a section was asked for again', { at_most: 14 }, journal().accept('a').called('a', 'x').called('a', 'x').report('a')],
    ['pass', 'so much was allowed', { at_most: 15 }, journal().accept('a').called('a', 'x').called('a', 'x').report('a')],
    ['pass', 'such a share was allowed', { share: 0.5 }, journal().accept('a').called('a', 'x').called('a', 'x').report('a')],
    ['fail', 'a job never had a report', { at_most: 0 }, journal().accept('a').called('a', 'x')],
    ['fail', 'the answer did not get through', { at_most: 0 }, journal().accept('a').called('a', 'x', { outcome: 'client_closed' }).report('a')],
    ['fail', 'the section came from a template in the end', { at_most: 0 }, journal().accept('a').called('a', 'x').report('a').stored('a', { sections: [{ name: 'x', source: 'template' }] })],
    ['unknown', 'no token was spent', { at_most: 0 }, journal().accept('a').called('a', 'x', { prompt_tokens: 0, completion_tokens: 0 })],
  ]);
  judges('level-reached', [
    ['pass', 'the worst level is within bounds', { at_least: 1, at_most: 2 }, one().level(0, 2).level(2, 0)],
    ['fail', 'it is too bad', { at_most: 1 }, one().level(0, 2)],
    ['fail', 'it is too good', { at_least: 1 }, one()],
    ['pass', 'it was too bad only before the steady state', { at_most: 0 }, one().level(0, 1).level(1, 0).add(steady)],
    ['fail', 'it is too bad after the steady state', { at_most: 0 }, one().add(steady).level(0, 1)],
    ['pass', 'a fault was there before the fleet', { at_least: 2 }, one().inject('start-late@kafka', 'kafka').level(0, 2).add(steady)],
  ]);
  judges('jobs-refused', [
    ['pass', 'none was', { at_most: 0 }, journal().accept('a')],
    ['fail', 'one was', { at_most: 0 }, journal().submit('a').add({ type: 'job.refused', job: 'a', job_id: 'r-a', code: 'X', message: '' })],
  ]);
  judges('template-sections', [
    ['pass', 'the share is within bounds', { at_least: 0.5, at_most: 0.5 }, sources('model', 'template')],
    ['fail', 'there are too many', { at_most: 0.4 }, sources('model', 'template')],
    ['fail', 'there are too few', { at_least: 0.6 }, sources('model', 'template')],
    ['unknown', 'the report is plain text', { at_most: 1 }, sources()],
  ]);

  it.each([
    ['level-reached', {}],
    ['level-reached', { at_least: 3, at_most: 1 }],
    ['template-sections', {}],
    ['tokens-wasted', {}],
    ['tokens-wasted', { at_most: 1, share: 0.1 }],
    ['report-level', { at_least: 'GOOD' }],
    ['report-level', { at_least: 'FULL', share: 0 }],
    ['latency', { at_most: '3 weeks' }],
    ['resumed', { at_least: 0 }],
  ])('P02 %s refuses %j', (name, parameters) => {
    expect(find(name).parameters.safeParse(parameters).success).toBe(false);
  });

  it('P02 an expectation that no run could judge is told when the scenario is read', () => {
    expect(() => scenarioOf(yaml('{ check: resumed, at_least: 3 }'))).toThrow(/3 reports of 2 jobs/);
    expect(() => scenarioOf(yaml('{ check: jobs-refused, at_most: 2 }'))).toThrow(/could never be judged/);
    expect(scenarioOf(yaml('{ check: resumed, at_least: 2 }')).expectations).toEqual([{ check: 'resumed', parameters: { at_least: 2 } }]);
  });

  it('P02 a percentile is one of the values; enough of them do not exceed it, and fewer the next smaller one', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 100 }), (values, percent) => {
        const result = percentile(values, percent) as number;
        expect(values).toContain(result);
        expect(values.filter((value) => value <= result).length * 100).toBeGreaterThanOrEqual(percent * values.length);
        expect(values.filter((value) => value < result).length * 100).toBeLessThan(percent * values.length);
      }),
    );
  });

  it('P02 used and wasted tokens add up to all: at most one call a section is used', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('a', 'b'), fc.constantFrom('x', 'y', 'z'), fc.boolean()), { minLength: 1, maxLength: 20 }), (calls) => {
        const built = journal().accept('a').accept('b').report('a');
        for (const [job, section, completed] of calls) built.called(job, section, { outcome: completed ? 'completed' : 'error' });
        const used = new Set(calls.filter(([job, , completed]) => completed && job === 'a').map(([, section]) => section)).size;
        const wasted = 15 * (calls.length - used);
        const judged = (atMost: number): VerdictStatus => find('tokens-wasted').judge(built.events, { at_most: atMost }).status;
        expect([judged(wasted), judged(wasted - 1)]).toEqual(['pass', 'fail']);
      }),
    );
  });

  it('P02 requests are the sections times their amplification, whatever their order', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('a', 'b'), fc.constantFrom('x', 'y')), { minLength: 1, maxLength: 30 }), (calls) => {
        const built = journal().accept('a').accept('b');
        for (const [job, section] of calls) built.called(job, section);
        const amplification = calls.length / new Set(calls.map((call) => call.join(' '))).size;
        const judged = (atMost: number): VerdictStatus => find('retry-amplification').judge(built.events, { at_most: atMost }).status;
        expect([judged(amplification), judged(amplification - 0.001)]).toEqual(['pass', 'fail']);
      }),
    );
  });
});
