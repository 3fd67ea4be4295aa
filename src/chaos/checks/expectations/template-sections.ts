import { z } from 'zod';
import { counted } from '../../../core/counted.ts';
import { workloadJobs } from '../workload-facts.ts';
import { defineExpectation } from './expectation.ts';

export const templateSections = defineExpectation({
  name: 'template-sections',
  summary: 'The share of sections in stored reports that come from templates is within bounds',
  parameters: z
    .strictObject({ at_least: z.number().min(0).max(1).optional(), at_most: z.number().min(0).max(1).optional() })
    .refine(({ at_least: least, at_most: most }) => least !== undefined || most !== undefined, { error: 'asks for nothing; write at_least, at_most or both' })
    .refine(({ at_least: least = 0, at_most: most = 1 }) => least <= most, { error: 'asks for more than it allows' }),
  judge(events, { at_least: atLeast = 0, at_most: atMost = 1 }) {
    const jobs = workloadJobs(events);
    const sections = events.flatMap((event) => (event.type === 'report.stored' && jobs.has(event.job_id) ? event.sections.map(({ name, source }) => ({ source, name: `${event.job_id}: ${name}` })) : []));
    if (sections.length === 0) return { status: 'unknown', detail: 'no section of a stored report is known', evidence: [] };
    const templates = sections.filter(({ source }) => source === 'template');
    const share = templates.length / sections.length;
    return {
      status: share >= atLeast && share <= atMost ? 'pass' : 'fail',
      detail: `${templates.length} of ${counted(sections.length, 'section')} from templates (${Math.round(share * 100)} %); ${atLeast * 100} to ${atMost * 100} % was asked for`,
      evidence: templates.map(({ name }) => name),
    };
  },
});
