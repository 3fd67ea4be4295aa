import { z } from 'zod';
import { cutPoint, cutReply } from '../spoiling/cut.ts';
import { eventWith, isAnswer, isStream } from '../spoiling/events.ts';
import { openAiError } from '../spoiling/refuse.ts';
import { defineLlmFault } from './define-fault.ts';

const shapes = ['openai', 'openrouter', 'anthropic', 'ollama', 'bedrock'] as const;

/** The status was 200; the error comes as the last piece of the stream, in a shape of the provider's own. */
export const errorInStream = defineLlmFault({
  type: 'error-in-stream',
  summary: 'An error object in the middle of an answer that began with 200',
  parameters: z.strictObject({
    ...cutPoint,
    provider: z.enum(shapes).default('openai').describe('Whose shape'),
    error: z.enum(['overloaded', 'rate-limit', 'quota']).default('overloaded').describe('What has happened'),
  }),
  install:
    ({ provider, error, ...point }) =>
    async (call, model) => {
      const reply = await model(call);
      const { event, body, choices } = errorOf(provider, error);
      if (isStream(reply)) {
        return cutReply(call, reply, point, async function* () {
          yield `${event}${eventWith({ ...body, ...choices })}`;
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

const words = {
  'overloaded': { type: 'server_error', code: 'server_error', anthropic: 'overloaded_error', status: 503, bedrock: 'modelStreamErrorException', message: 'The server is overloaded.' },
  'rate-limit': { type: 'requests', code: 'rate_limit_exceeded', anthropic: 'rate_limit_error', status: 429, bedrock: 'throttlingException', message: 'Rate limit reached.' },
  'quota': { type: 'insufficient_quota', code: 'insufficient_quota', anthropic: 'billing_error', status: 402, bedrock: 'serviceQuotaExceededException', message: 'You exceeded your current quota.' },
} as const;

function errorOf(provider: (typeof shapes)[number], error: keyof typeof words): { event: string; body: object; choices?: object } {
  const { type, code, anthropic, status, bedrock, message } = words[error];
  switch (provider) {
    case 'openai':
      return { event: '', body: openAiError(type, code, message) };
    case 'openrouter':
      return { event: '', body: { error: { code: status, message, metadata: { error_type: code } } }, choices: { choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error' }] } };
    case 'anthropic':
      return { event: 'event: error\n', body: { type: 'error', error: { type: anthropic, message } } };
    case 'ollama':
      return { event: '', body: { error: message } };
    case 'bedrock':
      return { event: '', body: { error: { type: bedrock, message } } };
  }
}
