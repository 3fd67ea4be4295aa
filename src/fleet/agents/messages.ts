import { z } from 'zod';
import { defineTopic, type TopicDefinition } from '../connectors/bus/topics.ts';

/** Request to an agent: topic `agent.<name>.requests`, key = call id. */
export const agentRequestSchema = z.object({
  call_id: z.string().min(1),
  /** Topic that the answer goes to. Of no other form: a request must not be able to have answers written into just any topic. */
  reply_to: z.string().regex(/^agent\.replies\.[A-Za-z0-9._-]{1,150}$/, 'a reply topic: agent.replies.<host>'),
  action: z.string().min(1),
  input: z.record(z.string(), z.unknown()),
  user_id: z.string().optional(),
});
export type AgentRequest = z.infer<typeof agentRequestSchema>;

/** The same shape as an HTTP error answer, so that a caller need not know which way its call went. */
export const remoteErrorSchema = z.object({
  code: z.string(),
  message: z.string(),
  severity: z.enum(['critical', 'high', 'medium', 'low']),
  recovery: z.enum(['retry', 'fallback', 'degrade', 'fail']),
  correlation_id: z.string().optional(),
  retry_after_ms: z.number().optional(),
});

/** Answer to a request: topic `agent.replies.<host>`, key = call id. */
export const agentReplySchema = z.discriminatedUnion('ok', [
  z.object({ call_id: z.string(), agent: z.string(), ok: z.literal(true), output: z.unknown() }),
  z.object({ call_id: z.string(), agent: z.string(), ok: z.literal(false), error: remoteErrorSchema }),
]);
export type AgentReply = z.infer<typeof agentReplySchema>;

export const requestTopic = (agent: string): string => `agent.${agent}.requests`;
export const replyTopic = (host: string): string => `agent.replies.${host}`;

export function requestTopicDefinition(agent: string): TopicDefinition<AgentRequest> {
  return defineTopic({ name: requestTopic(agent), partitions: 4, schema: agentRequestSchema, summary: `Questions to the agent '${agent}'` });
}

/** @param name as in a request's `reply_to` */
export function replyTopicDefinition(name: string): TopicDefinition<AgentReply> {
  return defineTopic({ name, partitions: 1, schema: agentReplySchema, summary: 'Answers to one host' });
}
