import { z } from 'zod';
import { counted } from '../../../core/counted.ts';
import { defineInvariant } from '../check.ts';

/** D05; the report itself is journaled as its type only. */
const contract = z.object({
  success: z.boolean(),
  report: z.enum(['string', 'object']),
  level: z.string().min(1),
  missing_data: z.array(z.string()),
  recovery_performed: z.boolean(),
  checkpoints_used: z.int().min(0),
  resumed_sections: z.int().min(0),
  correlation_id: z.string().min(1),
});

export const resultContract = defineInvariant({
  name: 'result-contract',
  summary: 'Every result has all the members that are promised, of the promised types, and succeeded',
  judge(events) {
    const reported = events.filter((event) => event.type === 'job.reported');
    const broken = reported.flatMap((event) => {
      const parsed = contract.safeParse(event.result);
      if (!parsed.success) return [`${event.job}: ${z.prettifyError(parsed.error).replaceAll('\n', ' ')}`];
      return parsed.data.success ? [] : [`${event.job}: success is false`];
    });
    if (broken.length > 0) return { status: 'fail', detail: `contract broken by ${broken.length} of ${counted(reported.length, 'result')}`, evidence: broken };
    if (reported.length === 0) return { status: 'unknown', detail: 'there is no result', evidence: [] };
    return { status: 'pass', detail: `contract kept by ${counted(reported.length, 'result')}`, evidence: [] };
  },
});
