import { describe, expect, it } from 'vitest';
import { drawnEvents, runCharts } from '../../../src/reporters/html/charts/index.ts';
import { journalOf, outage, runId } from './journal.ts';

const charts = runCharts(outage);

describe('what the report page draws', () => {
  it('P03 levels: the fleet is as bad as its worst host, and a host that has ended is nowhere', () => {
    expect(charts.levels.map(({ name, steps }) => [name, steps.map(({ atMs, level }) => [atMs, level])])).toEqual([
      ['fleet', [[1_000, 0], [3_200, 3], [4_300, 0], [6_000, null]]],
      ['control-1', [[1_100, 0], [3_500, null]]],
      ['reporting-1', [[1_000, 0], [3_200, 3], [4_300, 0], [6_000, null]]],
    ]);
    expect(charts.levels[0]?.steps[1]?.reason).toBe('reporting-1: redis and kafka are down');
  });

  it('P03 a breaker was what it left before its first change, and ends with its host', () => {
    expect(charts.breakers.map(({ name, segments }) => [name, segments.map(({ fromMs, toMs, state }) => [fromMs, toMs, state])])).toEqual([
      ['reporting-1 / redis', [[900, 3_100, 'closed'], [3_100, 4_400, 'open'], [4_400, 6_000, 'closed']]],
    ]);
    expect(charts.breakers[0]?.segments[1]?.text).toContain('50 % of calls failed');
  });

  it('P04 a fault lasts from its injection until it is taken back, and to the end where it never was', () => {
    expect(charts.faults).toEqual([{ name: 'down-redis-1', segments: [{ fromMs: 3_000, toMs: 4_000, state: 'fault', text: 'down on redis: 4 connections', seq: 7 }] }]);
    const open = runCharts(outage.filter(({ type }) => type !== 'fault.healed'));
    expect(open.faults[0]?.segments[0]).toMatchObject({ toMs: 6_100, text: 'down on redis: not taken back' });
  });

  it('P03 a job lasts from its submission to its report, says its level and whether it was resumed, and is lost without a report', () => {
    expect(charts.jobs).toEqual([{ name: 'job-1', segments: [{ fromMs: 2_000, toMs: 5_000, state: 'STANDARD', text: 'STANDARD ↻ resumed with 1 section saved before', seq: 18 }] }]);
    expect(runCharts(outage.filter(({ type }) => type !== 'job.reported')).jobs[0]?.segments[0]).toMatchObject({ toMs: 6_100, state: 'lost', seq: 5 });
  });

  it('P03 of many jobs those that are out of the ordinary have a lane, and the others are counted', () => {
    const job = (index: number, level: string) =>
      [
        [index, { type: 'job.submitted', job: `job-${index}`, job_id: `${runId}-job-${index}`, user_id: 'u', question: 'q' }],
        [index + 1_000, { type: 'job.reported', job: `job-${index}`, job_id: `${runId}-job-${index}`, user_id: 'u', duration_ms: 1, result: { level }, sections: [], report_path: '' }],
      ] as const;
    const many = runCharts(journalOf(...Array.from({ length: 100 }, (_, index) => job(index, index === 77 ? 'FALLBACK' : 'FULL')).flat()));
    expect(many.jobs).toHaveLength(40);
    expect(many.jobsLeftOut).toBe(60);
    expect(many.jobs.map(({ name }) => name)).toContain('job-77');
  });

  it('P03 latency: one point a second, medians weighted by calls, the slowest of all hosts', () => {
    expect(charts.latency).toEqual([{ dependency: 'redis', points: [{ atMs: 4_500, p50Ms: 3, maxMs: 30, calls: 4, failures: 1, seq: 14 }] }]);
  });

  it('D12 a crash, a start after it and a resumption are marked; the end of the run is not', () => {
    expect(charts.marks.map(({ kind, text }) => [kind, text])).toEqual([
      ['exit', 'control-1 ended by SIGKILL'],
      ['start', 'control-1 started again'],
      ['resume', 'job-1 resumed on reporting-1 with summary'],
    ]);
  });

  it('P03 time begins where there is something to draw, and everything drawn leads to an event of the journal', () => {
    expect([charts.startMs, charts.endMs]).toEqual([750, 6_100]);
    const known = new Set(outage.map(({ seq }) => seq));
    expect(drawnEvents(charts).length).toBeGreaterThan(12);
    expect(drawnEvents(charts).filter((seq) => !known.has(seq))).toEqual([]);
  });

  it('P03 an empty journal draws nothing and breaks nothing', () => {
    expect(runCharts([])).toEqual({ startMs: 0, endMs: 0, levels: [], breakers: [], latency: [], faults: [], jobs: [], jobsLeftOut: 0, marks: [] });
  });
});
