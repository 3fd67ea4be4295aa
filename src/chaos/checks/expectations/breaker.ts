import { z } from 'zod';
import { counted } from '../../../core/counted.ts';
import { breakerStates } from '../breaker-states.ts';
import { defineExpectation } from './expectation.ts';

export const breaker = defineExpectation({
  name: 'breaker',
  summary: 'A circuit breaker reaches a state, on any host or on the one named',
  parameters: z.strictObject({
    name: z.string().min(1).describe('As hosts call it, such as llm'),
    reaches: z.enum(breakerStates),
    host: z.string().min(1).optional().describe('Host such as reporting-1, or a role such as reporting'),
  }),
  judge(events, { name, reaches, host }) {
    const transitions = events.filter((event) => event.type === 'breaker.transition').filter((event) => event.breaker === name && (host === undefined || event.host === host || event.host.replace(/-\d+$/, '') === host));
    const where = host === undefined ? '' : ` on ${host}`;
    const reached = transitions.filter(({ to }) => to === reaches);
    if (reached.length > 0) return { status: 'pass', detail: `breaker ${name}${where} reached ${reaches} ${counted(reached.length, 'time')}`, evidence: reached.map(({ seq }) => `seq ${seq}`) };
    if (!events.some((event) => 'host_at' in event && event.type !== 'llm.called')) return { status: 'unknown', detail: 'no host has told of anything', evidence: [] };
    const others = [...new Set(transitions.map(({ to }) => to))];
    return { status: 'fail', detail: `breaker ${name}${where} never reached ${reaches}; it ${others.length === 0 ? 'did not change' : `reached ${others.join(', ')}`}`, evidence: transitions.map(({ seq }) => `seq ${seq}`) };
  },
});
