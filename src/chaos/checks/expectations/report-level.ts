import { z } from 'zod';
import { counted } from '../../../core/counted.ts';
import { reportLevelOf, reportLevels } from '../workload-facts.ts';
import { defineExpectation } from './expectation.ts';

export const reportLevel = defineExpectation({
  name: 'report-level',
  summary: 'At least a share of the accepted jobs has a report of a level, or of a better one',
  parameters: z.strictObject({
    at_least: z.enum(reportLevels).describe('The lowest level that counts'),
    share: z.number().gt(0).max(1).default(1).describe('Of the accepted jobs, above 0 to 1'),
  }),
  judge(events, { at_least: atLeast, share }) {
    const accepted = new Set(events.flatMap((event) => (event.type === 'job.accepted' ? [event.job_id] : [])));
    if (accepted.size === 0) return { status: 'unknown', detail: 'no job was accepted', evidence: [] };
    const levels = new Map(events.flatMap((event) => (event.type === 'job.reported' ? [[event.job_id, reportLevelOf(event)] as const] : [])));
    const short = [...accepted].filter((jobId) => rank(levels.get(jobId)) < rank(atLeast));
    const reached = accepted.size - short.length;
    const met = reached >= share * accepted.size;
    return {
      status: met ? 'pass' : 'fail',
      detail: `${atLeast} or better for ${reached} of ${counted(accepted.size, 'job')}; ${share * 100} % were asked for`,
      evidence: short.map((jobId) => `${jobId}: ${levels.get(jobId) ?? 'no report'}`),
    };
  },
});

/** -1 for what is no level, or no report. */
function rank(level: string | undefined): number {
  return (reportLevels as readonly (string | undefined)[]).indexOf(level);
}
