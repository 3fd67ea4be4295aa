import type { KafkaMessage } from 'kafkajs';
import { z } from 'zod';
import { newCorrelationId } from '../../../core/ids.ts';
import type { IncomingMessage } from './message-bus.ts';
import type { TopicDefinition } from './topics.ts';

export const CORRELATION_HEADER = 'x-correlation-id';

export type Decoded = { readonly message: IncomingMessage } | { readonly poison: string };

/** A message as its handler gets it, or why no handler ever can. */
export function decode(topic: TopicDefinition, name: string, partition: number, raw: KafkaMessage): Decoded {
  if (raw.value === null) return { poison: 'it has no value' };
  let value: unknown;
  try {
    value = JSON.parse(raw.value.toString('utf8'));
  } catch (error) {
    return { poison: `it is not JSON: ${String(error)}` };
  }
  const parsed = topic.schema.safeParse(value);
  if (!parsed.success) return { poison: `it does not fit the schema of ${topic.name}: ${z.prettifyError(parsed.error).replaceAll('\n', ' ')}` };
  const headers = textHeaders(raw.headers);
  return {
    message: {
      topic: name,
      partition,
      offset: raw.offset,
      key: raw.key?.toString('utf8'),
      value: parsed.data,
      headers,
      correlationId: headers[CORRELATION_HEADER] ?? newCorrelationId(),
    },
  };
}

/** The last of several values of one header. */
function textHeaders(headers: KafkaMessage['headers']): Record<string, string> {
  const text: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers ?? {})) {
    const last = Array.isArray(value) ? value.at(-1) : value;
    if (last !== undefined) text[name] = last.toString();
  }
  return text;
}
