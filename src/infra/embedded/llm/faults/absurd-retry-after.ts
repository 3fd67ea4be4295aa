import { z } from 'zod';
import { openAiError, refuse } from '../spoiling/refuse.ts';
import { defineLlmFault } from './define-fault.ts';

const TWO_WEEKS_MS = 14 * 24 * 3_600_000;

/** 429 with a wait that no request can afford; a client that obeys looks dead. */
export const absurdRetryAfter = defineLlmFault({
  type: 'absurd-retry-after',
  summary: 'Too many requests (429), with a Retry-After of two weeks',
  parameters: z.strictObject({ retry_after_ms: z.number().min(0).default(TWO_WEEKS_MS).describe('Wait that the server asks for, in whole seconds') }),
  install:
    ({ retry_after_ms: waitMs }) =>
    (call) =>
      refuse(call, {
        status: 429,
        body: openAiError('requests', 'rate_limit_exceeded', 'Rate limit reached.'),
        headers: { 'content-type': 'application/json', 'retry-after': String(Math.ceil(waitMs / 1000)) },
      }),
});
