import { describe, expect, it } from 'vitest';
import type { JournalEvent, JournalFact } from '../../../src/journal/events.ts';
import { isFailure } from '../../../src/tui/replay/failures.ts';
import { journalOf } from '../journal-of.ts';

const of = { host: 'reporting-1', host_at: 1 };
const job = { job: 'a', job_id: 'a' };
const report = { ...job, type: 'job.reported' as const, user_id: 'u', duration_ms: 1, sections: [], report_path: '' };
const exit = { type: 'host.exited' as const, host: 'h', pid: 1 };
const error = { code: 'X', message: 'm', severity: 'high' as const, recovery: 'retry' as const };

const cases: readonly (readonly [string, JournalFact, boolean])[] = [
  ['a job that is refused', { ...job, type: 'job.refused', code: 'X', message: 'm' }, true],
  ['a job that is overdue', { ...job, type: 'job.overdue', waited_ms: 1 }, true],
  ['a report that says it failed', { ...report, result: { success: false } }, true],
  ['a report that does not say', { ...report, result: {} }, true],
  ['a report', { ...report, result: { success: true } }, false],
  ['numbers that are no facts', { ...job, type: 'report.grounded', numbers: 3, ungrounded: ['7'] }, true],
  ['numbers that are all facts', { ...job, type: 'report.grounded', numbers: 3, ungrounded: [] }, false],
  ['an error of an agent', { ...of, type: 'agent.error', operation: 'o', error }, true],
  ['a host that is killed as it was to be', { ...exit, exit_code: null, signal: 'SIGKILL', expected: true }, true],
  ['a host that ends without having been asked to', { ...exit, exit_code: 0, signal: null, expected: false }, true],
  ['a host that ends in order', { ...exit, exit_code: 0, signal: null, expected: true }, false],
  ['a checkpoint that is rejected', { ...of, type: 'checkpoint.rejected', section: 's', reason: 'damaged', detail: '' }, true],
  ['a breaker that opens', { ...of, type: 'breaker.transition', breaker: 'b', from: 'half-open', to: 'open' }, true],
  ['a breaker that closes', { ...of, type: 'breaker.transition', breaker: 'b', from: 'half-open', to: 'closed' }, false],
  ['a dependency that is gone', { ...of, type: 'dependency.changed', dependency: 'redis', up: false, detail: '' }, true],
  ['a dependency that is back', { ...of, type: 'dependency.changed', dependency: 'redis', up: true, detail: '' }, false],
  ['a level up', { ...of, type: 'level.changed', from: 1, to: 2, reason: '' }, true],
  ['a level down', { ...of, type: 'level.changed', from: 2, to: 1, reason: '' }, false],
  ['a fault, which is a mark of its own', { type: 'fault.injected', fault: 'f', fault_type: 'down', target: 'redis', parameters: {}, occurrence: 1 }, false],
  ['a fault that fails', { type: 'fault.failed', fault: 'f', phase: 'inject', detail: '' }, true],
  ['a guardrail', { type: 'guardrail.tripped', guardrail: 'g', detail: '' }, true],
  ['infrastructure that ends', { type: 'infra.exited', services: ['redis'], pid: 1, exit_code: 1, signal: null }, true],
  ['a steady state that is not met', { type: 'steady.checked', phase: 'after', met: false, waited_ms: 1, detail: '' }, true],
  ['a steady state', { type: 'steady.checked', phase: 'after', met: true, waited_ms: 1, detail: '' }, false],
  ['a check that fails', { type: 'check.judged', check: 'c', status: 'fail', detail: '' }, true],
  ['a check that cannot tell', { type: 'check.judged', check: 'c', status: 'unknown', detail: '' }, true],
  ['a check that passes', { type: 'check.judged', check: 'c', status: 'pass', detail: '' }, false],
  ['something left behind', { type: 'leftover.found', kind: 'key', name: 'k' }, true],
  ['an interruption', { type: 'run.interrupted', reason: 'SIGINT' }, true],
  ['another try', { ...of, type: 'retry.scheduled', operation: 'o', attempt: 2, delay_ms: 1, code: 'X' }, false],
];

describe('where a player stops on the way to the next failure', () => {
  it.each(cases)('P03 %s', (_, fact, expected) => {
    expect(journalOf([fact]).map(isFailure)).toEqual([expected]);
  });

  it.each(['constructor', 'toString', 'weather.changed'])('P03 an event of a type that is not known, such as %s, is none', (type) => {
    expect(isFailure({ v: 1, seq: 1, type } as unknown as JournalEvent)).toBe(false);
  });
});
