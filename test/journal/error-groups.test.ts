import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blankedMessage, dependencyOf } from '../../src/journal/error-cause.ts';
import { groupErrors } from '../../src/journal/error-groups.ts';
import type { JournalEvent, JournalFact } from '../../src/journal/events.ts';
import { faultGraceMs, faultTimes } from '../../src/journal/fault-times.ts';

type At = readonly [ms: number, fact: JournalFact];

function journal(facts: readonly At[]): JournalEvent[] {
  return facts.map(([ms, fact], index) => ({ v: 1, seq: index + 1, at: '2026-11-20T10:45:01.000Z', mono_ms: ms, run_id: 'r', ...fact }));
}

const noCodes = (): undefined => undefined;
const down = (fault: string, target: string): JournalFact => ({ type: 'fault.injected', fault, fault_type: 'down', target, parameters: {}, occurrence: 1 });
const healed = (fault: string): JournalFact => ({ type: 'fault.healed', fault, occurrence: 1, affected: 1, unit: 'connections', reason: 'length' });
const gone = (host: string, port: number): JournalFact => ({ type: 'dependency.changed', host, host_at: 0, dependency: 'kafka', up: false, detail: `connect ECONNREFUSED 127.0.0.1:${port}`, correlation_id: 'r' });
const failed = (code: string, message: string, more: { correlation_id?: string; job_id?: string } = {}): JournalFact => ({
  type: 'agent.error',
  host: 'reporting-1',
  host_at: 0,
  agent: 'reporting',
  operation: 'report',
  error: { code, message, severity: 'high', recovery: 'retry' },
  ...more,
});

describe('the errors of a run by cause', () => {
  it('N02 what varies in a message does not part one cause into many', () => {
    const same = [
      ['connect ECONNREFUSED 127.0.0.1:33457', 'connect ECONNREFUSED 127.0.0.1:41245', 'connect ECONNREFUSED <address>'],
      ['redis gave no answer within 2000 ms', 'redis gave no answer within 150 ms', 'redis gave no answer within <time>'],
      ['job 20261120-104501-3f9a1c-job-2 is unknown', 'job 20261121-000000-000000-payments is unknown', 'job <id> is unknown'],
      ['call 43ee74c3587a88e24f3488cf39031d52 failed', 'call 1b0d5fd0a259a77eac6463ccc588fef3 failed', 'call <id> failed'],
      ['broker.example:9092 is gone', 'broker.example:19092 is gone', 'broker.example:<port> is gone'],
      ['attempt 1002 has taken over from attempt 1001', 'attempt 3 has taken over from attempt 2', 'attempt <n> has taken over from attempt <n>'],
    ] as const;
    for (const [left, right, blank] of same) expect([blankedMessage(left), blankedMessage(right)]).toEqual([blank, blank]);
    expect(blankedMessage('an effaced facade, decade of feedbacc')).toBe('an effaced facade, decade of feedbacc');
  });

  it('N02 a blanked message blanked again is the same, and holds no digit', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const blank = blankedMessage(text);
        expect(blankedMessage(blank)).toBe(blank);
        expect(blank).not.toMatch(/[0-9]/);
      }),
    );
  });

  it.each([
    ['postgres.read', 'CALL_TIMEOUT', 'postgres'],
    ['database', 'X', 'postgres'],
    ['report', 'KAFKA_PARTITION_LOST', 'kafka'],
    ['llm.complete', 'X', 'llm'],
    ['checkpoint', 'checkpoint.rejected', 'redis'],
    ['report', 'REPORT_STALE_WRITER', undefined],
    [undefined, 'AGENT_FAILED', undefined],
  ])('N02 %s with %s is a matter of %s', (operation, code, dependency) => {
    expect(dependencyOf(operation, code)).toBe(dependency);
  });

  it('N02 errors of one cause are one group, with the fault that was at work; those of no fault stand apart', () => {
    const { groups, total, unexplained } = groupErrors(
      journal([
        [1_000, gone('business-1', 1_111)],
        [9_800, gone('control-1', 2_222)],
        [10_000, down('down-kafka-1', 'kafka')],
        [10_000, down('down-redis-1', 'redis')],
        [10_100, gone('business-1', 3_333)],
        [12_000, healed('down-kafka-1')],
        [12_000, healed('down-redis-1')],
        [12_000 + faultGraceMs, gone('business-1', 4_444)],
        [12_001 + faultGraceMs, gone('business-1', 5_555)],
      ]),
      noCodes,
    );
    expect({ total, unexplained }).toEqual({ total: 5, unexplained: 2 });
    expect(groups).toMatchObject([
      {
        code: 'dependency.changed',
        dependency: 'kafka',
        message: 'connect ECONNREFUSED <address>',
        count: 3,
        firstMs: 9_800,
        lastMs: 12_000 + faultGraceMs,
        hosts: ['business-1', 'control-1'],
        example: { seq: 2, message: 'connect ECONNREFUSED 127.0.0.1:2222', correlationId: 'r' },
        // The one on Kafka first: the other was only at the same time.
        faults: [{ fault: 'down-kafka-1', count: 3, related: true }, { fault: 'down-redis-1', count: 3, related: false }],
      },
      { count: 2, firstMs: 1_000, faults: [] },
    ]);
  });

  it('N02 each kind of event that tells of a failure is counted, and none that tells of none', () => {
    const about = { host: 'h', host_at: 50_000 } as const;
    const { groups, total } = groupErrors(
      journal([
        [1, failed('A', 'm')],
        [2_000, { type: 'agent.sampled', ...about, agent: 'order', interval_ms: 1_000, messages: 3, errors: 2, working: 0, failed: [{ operation: 'inventory_check', code: 'B', message: 'm', correlation_id: 'c-1', failed_at: 49_300 }, { operation: 'inventory_check', code: 'B', message: 'm', failed_at: 49_900 }] }],
        [3, { type: 'retry.scheduled', ...about, operation: 'redis.get', attempt: 2, delay_ms: 5, code: 'C' }],
        [4, { type: 'job.refused', job: 'job-1', job_id: 'r-job-1', code: 'D', message: 'no' }],
        [5, { type: 'job.overdue', job: 'job-1', job_id: 'r-job-1', waited_ms: 2_000 }],
        [6, { type: 'checkpoint.rejected', ...about, section: 'summary', reason: 'damaged', detail: 'Checkpoint of summary: x' }],
        [7, { type: 'checkpoint.rejected', ...about, section: 'action_items', reason: 'damaged', detail: 'Checkpoint of action_items: x' }],
        [8, { type: 'dependency.changed', ...about, dependency: 'llm', up: false, detail: 'd' }],
        [9, { type: 'dependency.changed', ...about, dependency: 'llm', up: true, detail: 'answers' }],
        [10, { type: 'infra.exited', services: ['redis', 'kafka'], pid: 7, exit_code: null, signal: 'SIGKILL' }],
        [11, { type: 'host.exited', host: 'h', pid: 1, exit_code: 1, signal: null, expected: false }],
        [12, { type: 'host.exited', host: 'h', pid: 1, exit_code: 0, signal: null, expected: true }],
        [13, { type: 'fault.failed', fault: 'down-redis-1', phase: 'heal', detail: 'gone' }],
        [14, { type: 'level.changed', ...about, from: 0, to: 1, reason: 'r' }],
      ]),
      (code) => (code === 'C' ? { severity: 'low', recovery: 'degrade' } : undefined),
    );
    expect(total).toBe(12);
    expect(Object.fromEntries(groups.map(({ code, count }) => [code, count]))).toEqual({ 'checkpoint.rejected': 2, B: 2, A: 1, C: 1, D: 1, 'job.overdue': 1, 'dependency.changed': 1, 'infra.exited': 1, 'host.exited': 1, 'fault.failed': 1 });
    const group = (code: string): (typeof groups)[number] | undefined => groups.find((each) => each.code === code);
    // A sample tells of what was before it.
    expect(group('B')).toMatchObject({ firstMs: 1_300, lastMs: 1_900, agents: ['order'], example: { correlationId: 'c-1' } });
    expect(group('A')).toMatchObject({ severity: 'high', recovery: 'retry' });
    expect(group('C')).toMatchObject({ severity: 'low', recovery: 'degrade', dependency: 'redis' });
    expect(group('B')?.severity).toBeUndefined();
  });

  it('N02 an event with nothing but a correlation id is of the job that was accepted under it', () => {
    const { groups } = groupErrors(
      journal([
        [1, { type: 'job.submitted', job: 'payments', job_id: 'r-payments', user_id: 'u', question: 'q' }],
        [2, { type: 'job.accepted', job: 'payments', job_id: 'r-payments', correlation_id: 'c-9' }],
        [3, failed('A', 'first', { correlation_id: 'other' })],
        [4, { type: 'retry.scheduled', host: 'h', host_at: 0, operation: 'llm.complete', attempt: 2, delay_ms: 5, code: 'LLM_UNAVAILABLE', correlation_id: 'c-9' }],
      ]),
      noCodes,
    );
    expect(groups.map(({ code, jobs, example }) => [code, jobs, example.job])).toEqual([['A', [], undefined], ['LLM_UNAVAILABLE', ['payments'], 'payments']]);
  });

  it('N02 a fault that ended a process is at work until that host is ready again; one that was never healed, to the end', () => {
    const kill: JournalFact = { type: 'fault.injected', fault: 'kill-1', fault_type: 'kill', target: 'reporting', parameters: {}, occurrence: 1 };
    const exit = (host: string): JournalFact => ({ type: 'host.exited', host, pid: 1, exit_code: null, signal: 'SIGKILL', expected: false });
    const times = faultTimes(journal([[100, kill], [101, healed('kill-1')], [102, exit('reporting-1')], [103, exit('business-1')], [104, down('down-llm-1', 'llm')], [20_000, { type: 'host.ready', host: 'reporting-1', duration_ms: 1 }], [30_000, { type: 'host.ready', host: 'business-1', duration_ms: 1 }]]));
    expect(times.map(({ fault, fromMs, toMs }) => [fault, fromMs, toMs])).toEqual([['kill-1', 100, 20_000], ['down-llm-1', 104, undefined]]);
  });
});
