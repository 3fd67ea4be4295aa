import { z } from 'zod';
import { defineExpectation } from './expectation.ts';

export const resumed = defineExpectation({
  name: 'resumed',
  summary: 'At least so many reports were made with sections of an attempt before, from their checkpoints',
  parameters: z.strictObject({ at_least: z.int().min(1).describe('Reports') }),
  cannotJudge: ({ workload }, { at_least: atLeast }) => (atLeast > workload.jobs ? `${atLeast} reports of ${workload.jobs} jobs` : undefined),
  judge(events, { at_least: atLeast }) {
    const reported = events.filter((event) => event.type === 'job.reported');
    if (reported.length === 0) return { status: 'unknown', detail: 'there is no report', evidence: [] };
    const again = reported.filter(({ result }) => typeof result.resumed_sections === 'number' && result.resumed_sections > 0);
    const sections = again.reduce((sum, { result }) => sum + Number(result.resumed_sections), 0);
    return {
      status: again.length >= atLeast ? 'pass' : 'fail',
      detail: `${again.length} of ${reported.length} reports were resumed (${sections} sections); at least ${atLeast} was asked for`,
      evidence: again.map(({ job_id, result }) => `${job_id}: ${String(result.resumed_sections)} sections`),
    };
  },
});
