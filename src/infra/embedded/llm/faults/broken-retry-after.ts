import { z } from 'zod';
import { openAiError, refuse } from '../spoiling/refuse.ts';
import { defineLlmFault } from './define-fault.ts';

const values = { 'zero': '0', 'negative': '-5', 'past-date': 'Thu, 01 Jan 1998 00:00:00 GMT', 'garbage': 'soon' } as const;

/** 429 with a Retry-After that says nothing; a client that takes it at its word asks again at once, and without end. */
export const brokenRetryAfter = defineLlmFault({
  type: 'broken-retry-after',
  summary: 'Too many requests (429), with a Retry-After of zero, in the past, or of no sense',
  parameters: z.strictObject({ value: z.enum(['zero', 'negative', 'past-date', 'garbage']).default('zero').describe('What is wrong with it') }),
  install:
    ({ value }) =>
    (call) =>
      refuse(call, { status: 429, body: openAiError('requests', 'rate_limit_exceeded', 'Rate limit reached.'), headers: { 'content-type': 'application/json', 'retry-after': values[value] } }),
});
