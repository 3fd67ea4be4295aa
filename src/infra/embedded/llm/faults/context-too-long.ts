import { z } from 'zod';
import { openAiError, refuse } from '../spoiling/refuse.ts';
import { countPromptTokens } from '../tokens.ts';
import { defineLlmFault } from './define-fault.ts';

/** The prompt does not fit. Some providers say so with 400; others, where it is above the tokens of a minute, with a 429 that no waiting mends. */
export const contextTooLong = defineLlmFault({
  type: 'context-too-long',
  summary: 'The prompt is longer than the model takes (400, or 429 by tokens a minute)',
  parameters: z.strictObject({
    as: z.enum(['bad-request', 'rate-limit']).default('bad-request').describe('How the provider says it'),
    limit_tokens: z.int().min(0).default(0).describe('Only prompts above it are refused'),
  }),
  install:
    ({ as, limit_tokens: limit }) =>
    (call, _model, rest) => {
      const tokens = countPromptTokens(call.request.messages);
      if (tokens <= limit) return rest(call);
      if (as === 'rate-limit') {
        const message = `Request too large for ${call.request.model} on tokens per min (TPM): Limit ${limit}, Requested ${tokens}. The input or output tokens must be reduced in order to run successfully.`;
        return refuse(call, { status: 429, body: openAiError('tokens', 'rate_limit_exceeded', message) });
      }
      const message = `This model's maximum context length is ${limit} tokens. However, your messages resulted in ${tokens} tokens. Please reduce the length of the messages.`;
      return refuse(call, { status: 400, body: openAiError('invalid_request_error', 'context_length_exceeded', message, 'messages') });
    },
});
