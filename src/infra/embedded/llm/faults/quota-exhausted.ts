import { z } from 'zod';
import { openAiError, refuse } from '../spoiling/refuse.ts';
import { defineLlmFault } from './define-fault.ts';

const bodies = {
  openai: openAiError('insufficient_quota', 'insufficient_quota', 'You exceeded your current quota, please check your plan and billing details.'),
  credit: openAiError('insufficient_quota', 'credit_balance_exhausted', 'Your credit balance is exhausted.'),
  anthropic: {
    type: 'error',
    error: { type: 'rate_limit_error', message: 'This request would exceed the spend limit of your organization.', details: { error_code: 'enforced_spend_limit_reached' } },
    request_id: 'req_011CSpendLimit',
  },
} as const;

/** 429 with no Retry-After, though no wait helps: only the words in the body tell it from a rate limit. */
export const quotaExhausted = defineLlmFault({
  type: 'quota-exhausted',
  summary: 'The quota is used up: 429 like a rate limit, but no waiting helps',
  parameters: z.strictObject({ provider: z.enum(['openai', 'credit', 'anthropic']).default('openai').describe('Whose words') }),
  install:
    ({ provider }) =>
    (call) =>
      refuse(call, { status: 429, body: bodies[provider] }),
});
