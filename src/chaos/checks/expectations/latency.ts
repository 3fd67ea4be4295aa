import { z } from 'zod';
import { counted } from '../../../core/counted.ts';
import { duration, formatDuration } from '../../scenario/duration.ts';
import { percentile } from '../percentile.ts';
import { defineExpectation } from './expectation.ts';

export const latency = defineExpectation({
  name: 'latency',
  summary: 'A percentile of the time from submission to report is at most so long; a job without a report takes for ever',
  parameters: z.strictObject({
    percentile: z.number().gt(0).max(100).default(95),
    at_most: duration,
  }),
  judge(events, { percentile: percent, at_most: atMostMs }) {
    const reported = events.filter((event) => event.type === 'job.reported');
    const overdue = events.filter((event) => event.type === 'job.overdue');
    const durationMs = percentile([...reported.map((event) => event.duration_ms), ...overdue.map(() => Infinity)], percent);
    if (durationMs === undefined) return { status: 'unknown', detail: 'there is no report', evidence: [] };
    const slow = [...reported.filter((event) => event.duration_ms > atMostMs), ...overdue];
    const shown = durationMs === Infinity ? 'without end' : `${durationMs} ms`;
    return {
      status: durationMs <= atMostMs ? 'pass' : 'fail',
      detail: `p${percent} of ${counted(reported.length + overdue.length, 'job')} is ${shown}; at most ${formatDuration(atMostMs)} was asked for`,
      evidence: slow.map(({ job_id }) => job_id),
    };
  },
});
