import { z } from 'zod';
import { counted } from '../../../core/counted.ts';
import { defineExpectation } from './expectation.ts';

export const jobsRefused = defineExpectation({
  name: 'jobs-refused',
  summary: 'At most so many jobs were refused',
  parameters: z.strictObject({ at_most: z.int().min(0) }),
  cannotJudge: ({ workload }, { at_most: atMost }) => (atMost >= workload.jobs ? `${counted(workload.jobs, 'job')} cannot be refused more than ${counted(atMost, 'time')}` : undefined),
  judge(events, { at_most: atMost }) {
    const submitted = events.filter((event) => event.type === 'job.submitted');
    if (submitted.length === 0) return { status: 'unknown', detail: 'no job was submitted', evidence: [] };
    const refused = events.filter((event) => event.type === 'job.refused');
    return {
      status: refused.length <= atMost ? 'pass' : 'fail',
      detail: `${refused.length} of ${counted(submitted.length, 'job')} refused; at most ${atMost} was asked for`,
      evidence: refused.map(({ job_id, code }) => `${job_id}: ${code}`),
    };
  },
});
