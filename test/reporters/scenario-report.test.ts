import { describe, expect, it } from 'vitest';
import type { CheckResult } from '../../src/chaos/checks/check.ts';
import type { JournalEvent, JournalFact } from '../../src/journal/events.ts';
import { affectedText } from '../../src/reporters/visible-text.ts';
import { scenarioReport } from '../../src/reporters/scenario-report.ts';

const journal = (facts: readonly JournalFact[]): JournalEvent[] => facts.map((fact, index) => ({ ...fact, v: 1, seq: index + 1, at: '2026-11-20T10:45:01.000Z', mono_ms: index * 10, run_id: 'r' }));
const reported = (job: string, result: Record<string, unknown>): JournalFact => ({ type: 'job.reported', job, job_id: `r-${job}`, user_id: 'u', duration_ms: 5, result, sections: [], report_path: '' });
const accepted = (job: string): JournalFact[] => [
  { type: 'job.submitted', job, job_id: `r-${job}`, user_id: 'u', question: 'q' },
  { type: 'job.accepted', job, job_id: `r-${job}`, correlation_id: 'c' },
];
const injected = (fault: string, occurrence: number): JournalFact => ({ type: 'fault.injected', fault, fault_type: 'latency', target: 'redis', parameters: {}, occurrence });
const healed = (fault: string, occurrence: number, affected: number | null, unit: string): JournalFact => ({ type: 'fault.healed', fault, occurrence, affected, unit, reason: 'length' });

const check = (name: string): CheckResult => ({ check: name, status: 'pass', detail: '', evidence: [] });

function reportOf(facts: readonly JournalFact[], change: Partial<Parameters<typeof scenarioReport>[0]> = {}): ReturnType<typeof scenarioReport> {
  return scenarioReport({ name: 's', description: 'd', source: { path: 's.yaml', text: '' }, faults: [], events: journal(facts), checks: [], verdict: 'pass', runDir: 'dir', ...change });
}

describe('the report of a scenario', () => {
  it('P02 counts jobs once each: lost is accepted and not reported, duplicated has more than one report in the database', () => {
    const { jobs } = reportOf([
      ...['a', 'b', 'c'].flatMap(accepted),
      reported('a', { level: 'FULL', resumed_sections: 2 }),
      reported('a', { level: 'FULL', resumed_sections: 2 }),
      reported('b', { level: 'STANDARD', resumed_sections: 0 }),
      { type: 'report.counted', job_id: 'r-a', reports: 2 },
      { type: 'report.counted', job_id: 'r-b', reports: 1 },
      { type: 'report.counted', job_id: 'r-steady-1', reports: 2 },
    ]);
    expect(jobs).toEqual({ accepted: 3, reported: 2, lost: 1, duplicated: 1, resumed: 1, by_level: { FULL: 1, STANDARD: 1 } });
  });

  it('P02 adds up what a fault did over its times; bytes only where it counts bytes; null where nobody can count', () => {
    const faults = ['a', 'b', 'c', 'd'].map((id) => ({ id, type: 'latency', target: 'redis' }));
    const report = reportOf([injected('a', 1), healed('a', 1, 10, 'bytes'), injected('a', 2), healed('a', 2, 5, 'bytes'), injected('b', 1), healed('b', 1, 3, 'calls'), injected('c', 1), healed('c', 1, null, 'bytes')], { faults });
    expect(report.faults.map(({ id, injected: times, bytes_affected, affected, unit }) => [id, times, bytes_affected, affected, unit])).toEqual([
      ['a', 2, 15, 15, 'bytes'],
      ['b', 1, null, 3, 'calls'],
      ['c', 1, null, null, 'bytes'],
      ['d', 0, null, null, null],
    ]);
  });

  it('P02 finds the lines of the file that ask for a check, the second of two as well', () => {
    const text = 'name: s\nexpect:\n  - { check: resumed, at_least: 1 }\n  - check: "latency"\n    percentile: 50\n  - { percentile: 95, check: latency }\n# check: recovery-2\n';
    const report = reportOf([], { source: { path: 's.yaml', text }, checks: ['resumed', 'latency-1', 'latency-2', 'latency-3', 'no-job-lost'].map(check) });
    expect(report.checks.map(({ line }) => line)).toEqual([3, 4, 6, undefined, undefined]);
  });

  it('P02 a run that ended early lasts as long as its journal', () => {
    expect(reportOf([...accepted('a')]).duration_ms).toBe(10);
    expect(reportOf([...accepted('a'), { type: 'run.finished', verdict: 'pass', duration_ms: 777 }]).duration_ms).toBe(777);
  });
});

it.each([
  [{ injected: 0, affected: null, unit: null }, 'never began'],
  [{ injected: 1, affected: null, unit: 'bytes' }, 'not countable'],
  [{ injected: 1, affected: 1, unit: 'processes' }, '1 process'],
  [{ injected: 1, affected: 1, unit: 'keys' }, '1 key'],
  [{ injected: 1, affected: 0, unit: 'calls' }, '0 calls'],
])('P02 what a fault did is said as %j → %s', (fault, text) => {
  expect(affectedText(fault)).toBe(text);
});
