import { z } from 'zod';
import { counted } from '../../../core/counted.ts';
import { callsOfWorkload } from '../workload-facts.ts';
import { defineExpectation } from './expectation.ts';

export const retryAmplification = defineExpectation({
  name: 'retry-amplification',
  summary: 'Requests that the model saw for sections, divided by the sections that were asked for, are at most so many',
  parameters: z.strictObject({ at_most: z.number().min(1) }),
  judge(events, { at_most: atMost }) {
    const calls = callsOfWorkload(events).filter(({ section }) => section !== null);
    const perSection = new Map<string, number>();
    for (const { job_id, section } of calls) perSection.set(`${job_id} ${section}`, (perSection.get(`${job_id} ${section}`) ?? 0) + 1);
    if (perSection.size === 0) return { status: 'unknown', detail: 'no section was asked for', evidence: [] };
    const amplification = calls.length / perSection.size;
    return {
      status: amplification <= atMost ? 'pass' : 'fail',
      detail: `${counted(calls.length, 'request')} for ${counted(perSection.size, 'section')}: ${amplification.toFixed(2)}; at most ${atMost} was asked for`,
      evidence: [...perSection].filter(([, count]) => count > 1).map(([section, count]) => `${section}: ${count}`),
    };
  },
});
