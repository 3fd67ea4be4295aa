import { z } from 'zod';
import { counted } from '../../../core/counted.ts';
import { defineExpectation } from './expectation.ts';

export const resumed = defineExpectation({
  name: 'resumed',
  summary: 'At least so many reports were made with sections of an attempt before, from their checkpoints',
  parameters: z.strictObject({ at_least: z.int().min(1).describe('Reports') }),
  cannotJudge: ({ workload }, { at_least: atLeast }) => (atLeast > workload.jobs ? `${counted(atLeast, 'report')} of ${counted(workload.jobs, 'job')}` : undefined),
  judge(events, { at_least: atLeast }) {
    const reported = events.filter((event) => event.type === 'job.reported');
    if (reported.length === 0) return { status: 'unknown', detail: 'there is no report', evidence: [] };
    const again = reported.filter(({ result }) => typeof result.resumed_sections === 'number' && result.resumed_sections > 0);
    const sections = again.reduce((sum, { result }) => sum + Number(result.resumed_sections), 0);
    return {
      status: again.length >= atLeast ? 'pass' : 'fail',
      detail: `${again.length} of ${counted(reported.length, 'report')} resumed (${counted(sections, 'section')}); at least ${atLeast} was asked for`,
      evidence: again.map(({ job_id, result }) => `${job_id}: ${counted(Number(result.resumed_sections), 'section')}`),
    };
  },
});
