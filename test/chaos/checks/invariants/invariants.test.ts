import { describe, expect, it } from 'vitest';
import { defineInvariant, judgeAll, mergeVerdicts } from '../../../../src/chaos/checks/check.ts';
import { groundedNumbers } from '../../../../src/chaos/checks/invariants/grounded-numbers.ts';
import { noJobLost } from '../../../../src/chaos/checks/invariants/no-job-lost.ts';
import { oneReportPerJob } from '../../../../src/chaos/checks/invariants/one-report-per-job.ts';
import { resultContract } from '../../../../src/chaos/checks/invariants/result-contract.ts';
import type { JournalEvent, JournalFact, VerdictStatus } from '../../../../src/journal/events.ts';

const journal = (...facts: readonly JournalFact[]): JournalEvent[] => facts.map((fact, index) => ({ v: 1, seq: index + 1, at: '', mono_ms: index, run_id: 'r', ...fact }));

const goodResult = { success: true, report: 'object', level: 'FULL', missing_data: [], recovery_performed: false, checkpoints_used: 4, resumed_sections: 0, correlation_id: 'c' };
const accepted = (job: string): JournalFact => ({ type: 'job.accepted', job, job_id: `r-${job}`, correlation_id: 'c' });
const refused = (job: string): JournalFact => ({ type: 'job.refused', job, job_id: `r-${job}`, code: 'READ_ONLY', message: '' });
const reported = (job: string, result: Record<string, unknown> = goodResult): JournalFact => ({ type: 'job.reported', job, job_id: `r-${job}`, user_id: 'u', duration_ms: 1, result, sections: [], report_path: '' });
const counted = (job: string, reports: number): JournalFact => ({ type: 'report.counted', job_id: `r-${job}`, reports });
const grounded = (job: string, numbers: number, ungrounded: string[] = []): JournalFact => ({ type: 'report.grounded', job, job_id: `r-${job}`, numbers, ungrounded });
const overdue = (job: string): JournalFact => ({ type: 'job.overdue', job, job_id: `r-${job}`, waited_ms: 5 });

const without = (member: string): Record<string, unknown> => Object.fromEntries(Object.entries(goodResult).filter(([name]) => name !== member));

describe('invariants', () => {
  it.each([
    ['pass', 'every accepted job has a report', [accepted('a'), reported('a'), refused('b')]],
    ['fail', 'an accepted job has none', [accepted('a'), accepted('b'), reported('a'), overdue('b')]],
    ['fail', 'the only accepted job has none', [accepted('a')]],
    ['unknown', 'nothing was accepted', [refused('a')]],
    ['unknown', 'nothing happened', []],
  ] as [VerdictStatus, string, JournalFact[]][])('P02 no-job-lost: %s where %s', (status, _why, facts) => {
    expect(noJobLost.judge(journal(...facts)).status).toBe(status);
  });

  it('P02 no-job-lost names the jobs that are lost', () => {
    expect(noJobLost.judge(journal(accepted('a'), accepted('b'), reported('a')))).toEqual({ status: 'fail', detail: '1 of 2 accepted jobs without a report', evidence: ['r-b'] });
  });

  it.each([
    ['pass', 'each report is there once', [reported('a'), counted('a', 1)]],
    ['fail', 'one is there twice', [reported('a'), counted('a', 2)]],
    ['fail', 'one is not there', [reported('a'), counted('a', 0)]],
    ['unknown', 'one could not be counted', [reported('a'), reported('b'), counted('a', 1)]],
    ['unknown', 'there is no report', [counted('a', 1)]],
  ] as [VerdictStatus, string, JournalFact[]][])('P02 one-report-per-job: %s where %s', (status, _why, facts) => {
    expect(oneReportPerJob.judge(journal(...facts)).status).toBe(status);
  });

  it.each([
    ['pass', 'all members are there', [reported('a')]],
    ['fail', 'success is false', [reported('a', { ...goodResult, success: false })]],
    ['unknown', 'there is no result', [accepted('a')]],
    ...Object.keys(goodResult).map((member) => ['fail', `${member} is absent`, [reported('a', without(member))]]),
    ['fail', 'a count is negative', [reported('a', { ...goodResult, resumed_sections: -1 })]],
    ['fail', 'the report is neither text nor object', [reported('a', { ...goodResult, report: 'undefined' })]],
  ] as [VerdictStatus, string, JournalFact[]][])('D05 result-contract: %s where %s', (status, _why, facts) => {
    expect(resultContract.judge(journal(...facts)).status).toBe(status);
  });

  it.each([
    ['pass', 'every number is a fact', [reported('a'), grounded('a', 12)]],
    ['fail', 'one is invented', [reported('a'), grounded('a', 12, ['99.9 %'])]],
    ['fail', 'one is invented and another report was not looked at', [reported('a'), reported('b'), grounded('a', 12, ['99.9 %'])]],
    ['unknown', 'a report was not looked at', [reported('a'), reported('b'), grounded('a', 12)]],
    ['unknown', 'reports hold no number', [reported('a'), grounded('a', 0)]],
    ['unknown', 'there is no report', []],
  ] as [VerdictStatus, string, JournalFact[]][])('P02 grounded-numbers: %s where %s', (status, _why, facts) => {
    expect(groundedNumbers.judge(journal(...facts)).status).toBe(status);
  });

  it('P02 a check that throws has not judged: unknown, and the others go on', () => {
    const broken = defineInvariant({
      name: 'broken',
      summary: '',
      judge: () => {
        throw new Error('no such member');
      },
    });
    const results = judgeAll([broken, noJobLost], journal(accepted('a'), reported('a')));
    expect(results).toEqual([
      { check: 'broken', status: 'unknown', detail: 'the check itself failed: no such member', evidence: [] },
      { check: 'no-job-lost', status: 'pass', detail: '1 accepted, 1 reported, 0 refused', evidence: [] },
    ]);
  });

  it.each([
    [[], 'unknown'],
    [['pass'], 'pass'],
    [['pass', 'pass'], 'pass'],
    [['pass', 'unknown'], 'unknown'],
    [['unknown', 'fail', 'pass'], 'fail'],
    [['fail', 'unknown'], 'fail'],
  ] as [VerdictStatus[], VerdictStatus][])('P04 verdicts %j merge to %s', (statuses, verdict) => {
    expect(mergeVerdicts(statuses)).toBe(verdict);
    expect(mergeVerdicts(statuses.toReversed())).toBe(verdict);
  });
});
