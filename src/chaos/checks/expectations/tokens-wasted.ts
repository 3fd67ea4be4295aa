import { z } from 'zod';
import { counted } from '../../../core/counted.ts';
import { callsOfWorkload, tokensOf } from '../workload-facts.ts';
import { defineExpectation } from './expectation.ts';

/**
 * Of the calls for one section of one job, the last that was answered in full is the one whose answer was used, if
 * the job has a report and the section in it is not from elsewhere; the tokens of all others are wasted.
 */
export const tokensWasted = defineExpectation({
  name: 'tokens-wasted',
  summary: 'Tokens of calls whose section was asked for again or never used, at most so many or such a share of all',
  parameters: z
    .strictObject({ at_most: z.int().min(0).optional().describe('Tokens'), share: z.number().min(0).max(1).optional().describe('Of all tokens, 0 to 1') })
    .refine(({ at_most: atMost, share }) => (atMost === undefined) !== (share === undefined), { error: 'needs either at_most or share' }),
  judge(events, { at_most: atMost, share }) {
    const calls = callsOfWorkload(events).filter(({ section }) => section !== null);
    const tokens = calls.reduce((sum, call) => sum + tokensOf(call), 0);
    if (tokens === 0) return { status: 'unknown', detail: 'no token was spent on a section', evidence: [] };
    const reported = new Set(events.flatMap((event) => (event.type === 'job.reported' ? [event.job_id] : [])));
    const fromElsewhere = new Set(
      events.flatMap((event) => (event.type === 'report.stored' ? event.sections.filter(({ source }) => source !== 'model').map(({ name }) => `${event.job_id} ${name}`) : [])),
    );
    const used = new Map<string, string>();
    for (const call of calls.toSorted((left, right) => left.host_at - right.host_at)) {
      const section = `${call.job_id} ${call.section}`;
      if (reported.has(call.job_id ?? '') && !fromElsewhere.has(section) && call.outcome === 'completed' && call.status === 200) used.set(section, call.call_id);
    }
    const usedCalls = new Set(used.values());
    const wasted = calls.filter((call) => !usedCalls.has(call.call_id) && tokensOf(call) > 0);
    const sum = wasted.reduce((total, call) => total + tokensOf(call), 0);
    const limit = atMost ?? (share ?? 0) * tokens;
    return {
      status: sum <= limit ? 'pass' : 'fail',
      detail: `${sum} of ${counted(tokens, 'token')} wasted; at most ${share === undefined ? limit : `${share * 100} %`} was asked for`,
      evidence: wasted.map((call) => `seq ${call.seq}: ${call.section ?? ''} of ${call.job_id ?? ''}, ${counted(tokensOf(call), 'token')}`),
    };
  },
});
