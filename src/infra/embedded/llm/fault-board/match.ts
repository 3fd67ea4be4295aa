import { z } from 'zod';
import type { LlmCall } from '../llm-call.ts';

const name = z.string().min(1);
const names = z.union([name, z.array(name).min(1)], { error: 'is no name; write a name or a list of names' });

/** Which calls a fault may touch: all members given must fit; of a list, one entry must. Ids are those that the caller sent as headers. */
export const matchSchema = z.strictObject({
  host: names.optional().describe('Host that asks (x-netra-host)'),
  agent: names.optional().describe('Agent that asks (x-netra-agent)'),
  section: names.optional().describe('Section of the report that is asked for (x-netra-section)'),
  job: names.optional().describe('Job that it is asked for (x-netra-run-id)'),
  user: names.optional().describe('User that it is asked for (x-netra-user-id, else the request\'s `user`)'),
  model: names.optional().describe('Model that is asked'),
  stream: z.boolean().optional().describe('Only calls that want the answer streamed, or only those that do not'),
});

export type Match = z.output<typeof matchSchema>;

export function matches({ host, agent, section, job, user, model, stream }: Match, { headers, request }: LlmCall): boolean {
  return (
    fits(host, headers['x-netra-host']) &&
    fits(agent, headers['x-netra-agent']) &&
    fits(section, headers['x-netra-section']) &&
    fits(job, headers['x-netra-run-id']) &&
    fits(user, headers['x-netra-user-id'] ?? request.user) &&
    fits(model, request.model) &&
    (stream === undefined || stream === request.stream)
  );
}

function fits(wanted: string | readonly string[] | undefined, given: string | readonly string[] | undefined): boolean {
  if (wanted === undefined) return true;
  const value = typeof given === 'string' ? given : given?.[0];
  return value !== undefined && (typeof wanted === 'string' ? wanted === value : wanted.includes(value));
}
