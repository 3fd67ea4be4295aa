import { z } from 'zod';
import { cutPoint, cutReply } from '../spoiling/cut.ts';
import { eventWith, isAnswer, isStream } from '../spoiling/events.ts';
import { openAiError } from '../spoiling/refuse.ts';
import { defineLlmFault } from './define-fault.ts';

const providers = ['openai', 'openrouter', 'anthropic', 'ollama', 'bedrock'] as const;

/** The status was 200; the error comes as the last piece of the stream, in a shape of the provider's own. */
export const errorInStream = defineLlmFault({
  type: 'error-in-stream',
  summary: 'An error object in the middle of an answer that began with 200',
  parameters: z.strictObject({
    ...cutPoint,
    provider: z.enum(providers).default('openai').describe('Whose shape'),
    error: z.enum(['overloaded', 'rate-limit', 'quota']).default('overloaded').describe('What has happened'),
  }),
  install:
    ({ provider, error, ...point }) =>
    async (call, model) => {
      const reply = await model(call);
      const body = bodies[provider](failures[error]);
      if (isStream(reply)) {
        return cutReply(call, reply, point, async function* () {
          yield lastEvent(provider, body);
        });
      }
      if (!isAnswer(reply)) return reply;
      // As OpenRouter does where the answer is not streamed: the error object alone, with status 200.
      async function* whole(): AsyncGenerator<string> {
        call.touch();
        yield JSON.stringify(body);
      }
      return { ...reply, body: whole() };
    },
});

interface Failure {
  readonly type: string;
  readonly code: string;
  readonly anthropic: string;
  readonly bedrock: string;
  readonly status: number;
  readonly message: string;
}

const failures: Readonly<Record<'overloaded' | 'rate-limit' | 'quota', Failure>> = {
  'overloaded': { type: 'server_error', code: 'server_error', anthropic: 'overloaded_error', bedrock: 'modelStreamErrorException', status: 503, message: 'The server is overloaded.' },
  'rate-limit': { type: 'requests', code: 'rate_limit_exceeded', anthropic: 'rate_limit_error', bedrock: 'throttlingException', status: 429, message: 'Rate limit reached.' },
  'quota': { type: 'insufficient_quota', code: 'insufficient_quota', anthropic: 'billing_error', bedrock: 'serviceQuotaExceededException', status: 402, message: 'You exceeded your current quota.' },
};

const bodies: Readonly<Record<(typeof providers)[number], (failure: Failure) => object>> = {
  openai: ({ type, code, message }) => openAiError(type, code, message),
  openrouter: ({ code, status, message }) => ({ error: { code: status, message, metadata: { error_type: code } } }),
  anthropic: ({ anthropic, message }) => ({ type: 'error', error: { type: anthropic, message } }),
  ollama: ({ message }) => ({ error: message }),
  bedrock: ({ bedrock, message }) => ({ error: { type: bedrock, message } }),
};

/** As the last piece of a stream: Anthropic names the event, OpenRouter keeps to the shape of a chunk. */
function lastEvent(provider: (typeof providers)[number], body: object): string {
  if (provider === 'openrouter') return eventWith({ ...body, choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error' }] });
  return `${provider === 'anthropic' ? 'event: error\n' : ''}${eventWith(body)}`;
}
