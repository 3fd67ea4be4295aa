import type { JournalEvent } from '../../../journal/events.ts';
import { breakerLanes } from './breakers.ts';
import type { RunCharts } from './chart-data.ts';
import { faultLanes } from './faults.ts';
import { jobLanes } from './jobs.ts';
import { latencyLines } from './latency.ts';
import { levelLines } from './levels.ts';
import { marksOf } from './marks.ts';

const firstOfAll: ReadonlySet<string> = new Set(['host.ready', 'host.exited', 'level.changed', 'dependency.sampled', 'fault.injected', 'job.submitted']);

/** Everything that is drawn of a run, as a fold of its journal. */
export function runCharts(events: readonly JournalEvent[]): RunCharts {
  const endMs = events.at(-1)?.mono_ms ?? 0;
  const { lanes, leftOut } = jobLanes(events, endMs);
  return {
    startMs: Math.max(0, (events.find(({ type }) => firstOfAll.has(type))?.mono_ms ?? 0) - 250),
    endMs,
    levels: levelLines(events),
    breakers: breakerLanes(events, endMs),
    latency: latencyLines(events, endMs),
    faults: faultLanes(events, endMs),
    jobs: lanes,
    jobsLeftOut: leftOut,
    marks: marksOf(events),
  };
}

/** Events that something drawn leads to, a sample of a latency apart: there may be thousands of those. */
export function drawnEvents({ levels, breakers, faults, jobs, marks }: RunCharts): number[] {
  return [levels.flatMap(({ steps }) => steps), [breakers, faults, jobs].flat().flatMap(({ segments }) => segments), marks].flat().map(({ seq }) => seq);
}
