import { describe, expect, it } from 'vitest';
import { compareWithControl } from '../../../src/chaos/checks/compare-with-control.ts';
import { judgeFaults } from '../../../src/chaos/checks/faults-happened.ts';
import { invariants } from '../../../src/chaos/checks/invariants/index.ts';
import { judgeScenario } from '../../../src/chaos/checks/judge-scenario.ts';
import type { VerdictStatus } from '../../../src/journal/events.ts';
import { scenarioOf } from '../../helpers/scenario.ts';
import { journal, startMs, type JournalBuilder } from './journal-builder.ts';

const faults = 'faults:\n  - { type: down, target: redis, at: 0s, for: 1s }\n';
const scenario = scenarioOf(faults);
const [{ id } = { id: '' }] = scenario.faults;
const injected = (): JournalBuilder => journal().add({ type: 'fault.injected', fault: id, fault_type: 'down', target: 'redis', parameters: {}, occurrence: 1 });

describe('judgeScenario', () => {
  it('P02 tells of every always-on check, of the faults, and of every expectation, in the order of the file', () => {
    const asked = scenarioOf(`${faults}expect:\n  - { check: resumed, at_least: 1 }\n  - { check: report-level, at_least: FULL }\n  - { check: report-level, at_least: BASIC, share: 0.5 }\n`);
    const built = injected().heal(id).accept('a').report('a', { level: 'BASIC' });
    const results = judgeScenario(built.events, asked);
    expect(results.map(({ check }) => check)).toEqual([...invariants.map(({ name }) => name), 'faults-happened', 'resumed', 'report-level-1', 'report-level-2']);
    expect(results.slice(-3).map(({ status }) => status)).toEqual(['fail', 'fail', 'pass']);
  });

  it('P02 a waived check that fails counts as passed, and says that and why', () => {
    const waiving = scenarioOf(`${faults}waive:\n  - { check: no-job-lost, reason: the queue is emptied }\n`);
    const lost = journal().accept('a');
    const find = (events: JournalBuilder, of = waiving): unknown => judgeScenario(events.events, of).find(({ check }) => check === 'no-job-lost');
    expect(find(lost)).toEqual({ check: 'no-job-lost', status: 'pass', waived: 'the queue is emptied', detail: 'waived (the queue is emptied); it failed: 1 of 1 accepted job without a report', evidence: ['r-a'] });
    expect(find(lost, scenario)).toMatchObject({ status: 'fail' });
    expect(find(lost.report('a'))).toMatchObject({ status: 'pass', detail: expect.stringContaining('waived, though it holds') });
    expect(find(journal())).toMatchObject({ status: 'unknown' });
  });

  it.each([
    ['pass', 'the fault touched something', injected().heal(id, 7)],
    ['unknown', 'it touched nothing', injected().heal(id, 0)],
    ['unknown', 'one of its times touched nothing', injected().heal(id, 7).add({ type: 'fault.injected', fault: id, fault_type: 'down', target: 'redis', parameters: {}, occurrence: 2 }).heal(id, 0, 2)],
    ['unknown', 'it was never taken back', injected()],
    ['unknown', 'it never began', journal()],
    ['unknown', 'it failed', injected().heal(id, 7).add({ type: 'fault.failed', fault: id, phase: 'heal', detail: 'no' })],
    ['pass', 'a fault injected by hand touched nothing and failed besides', injected().heal(id, 7).add({ type: 'fault.injected', fault: 'down-redis-user-1', fault_type: 'down', target: 'redis', parameters: {}, occurrence: 1, by: 'user' }).heal('down-redis-user-1', 0).add({ type: 'fault.failed', fault: 'kill-reporting-user-2', phase: 'inject', detail: 'no' })],
    ['unknown', 'it touched nothing, and one injected by hand did', injected().heal(id, 0).add({ type: 'fault.injected', fault: 'down-redis-user-1', fault_type: 'down', target: 'redis', parameters: {}, occurrence: 1, by: 'user' }).heal('down-redis-user-1', 7)],
    ['unknown', 'the seed decided against it', journal().add({ type: 'fault.skipped', fault: id, occurrence: 1, probability: 0.1, draw: 0.5 })],
    ['unknown', 'nobody can count it and Redis was not used', injected().heal(id, null)],
    ['unknown', 'nobody can count it and Redis was used before', journal().saved('a', 's').at(1_000).add({ type: 'fault.injected', fault: id, fault_type: 'down', target: 'redis', parameters: {}, occurrence: 1 }).heal(id, null)],
    ['pass', 'nobody can count it and Redis was used meanwhile', injected().saved('a', 's').heal(id, null)],
    ['pass', 'nobody can count it and a host missed Redis', injected().dependency('redis', false).heal(id, null)],
    ['pass', 'nobody can count it and a call of Redis was tried again', injected().add({ type: 'retry.scheduled', host: 'reporting-1', host_at: startMs, operation: 'redis.get', attempt: 2, delay_ms: 1, code: 'X' }).heal(id, null)],
    ['unknown', 'nobody can count it and a call of another service was tried again', injected().add({ type: 'retry.scheduled', host: 'reporting-1', host_at: startMs, operation: 'llm.complete', attempt: 2, delay_ms: 1, code: 'X' }).heal(id, null)],
  ] as [VerdictStatus, string, JournalBuilder][])('P02 faults-happened: %s where %s', (status, _why, built) => {
    expect(judgeFaults(built.events, scenario)).toMatchObject({ check: 'faults-happened', status });
  });

  it.each([
    ['pass', 1_500],
    ['unknown', 500],
    ['unknown', 2_500],
  ] as [VerdictStatus, number][])('P02 faults-happened: %s where nobody can count a fault of 1 s to 2 s, and the model was asked at %i ms, as its log tells at the end', (status, atMs) => {
    const onModel = scenarioOf('faults:\n  - { type: timeout, target: llm, at: 0s, for: 1s }\n');
    const [{ id: fault } = { id: '' }] = onModel.faults;
    const built = journal().at(1_000).add({ type: 'fault.injected', fault, fault_type: 'timeout', target: 'llm', parameters: {}, occurrence: 1 }).at(2_000).heal(fault, null).at(9_000).called('a', 's', { host_at: startMs + atMs });
    expect(judgeFaults(built.events, onModel)).toMatchObject({ status });
  });

  it('P02 a scenario that breaks nothing shows nothing', () => {
    expect(judgeFaults(journal().events, scenarioOf(''))).toMatchObject({ status: 'unknown' });
  });
});

describe('compareWithControl', () => {
  it('D11 puts the figures of both runs side by side and names what differs', () => {
    const resilient = journal().accept('a').accept('b').called('a', 's').called('steady-before', 's').report('a', { level: 'FULL', resumed_sections: 2 }, 100).report('b', { level: 'STANDARD' }, 300);
    const control = journal().accept('a').accept('b').report('a', { level: 'FULL' }, 100);
    expect(compareWithControl(resilient.events, control.events)).toEqual({
      resilient: { accepted: 2, refused: 0, reported: 2, lost: 0, by_level: { FULL: 1, STANDARD: 1 }, resumed_sections: 2, p50_ms: 100, max_ms: 300, llm_calls: 1, tokens: 15 },
      control: { accepted: 2, refused: 0, reported: 1, lost: 1, by_level: { FULL: 1 }, resumed_sections: 0, p50_ms: 100, max_ms: 100, llm_calls: null, tokens: null },
      differences: [
        'reported: 2 with resilience, 1 without',
        'lost: 0 with resilience, 1 without',
        'by_level: FULL 1, STANDARD 1 with resilience, FULL 1 without',
        'resumed_sections: 2 with resilience, 0 without',
        'max_ms: 300 with resilience, 100 without',
        'llm_calls: 1 with resilience, unknown without',
        'tokens: 15 with resilience, unknown without',
      ],
    });
  });

  it('D11 two equal runs differ in nothing', () => {
    const run = journal().accept('a').report('a');
    expect(compareWithControl(run.events, run.events).differences).toEqual([]);
  });
});
