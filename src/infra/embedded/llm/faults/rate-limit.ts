import { z } from 'zod';
import { openAiError, refuse } from '../spoiling/refuse.ts';
import { defineLlmFault } from './define-fault.ts';

/** 429 with the wait in one of the three forms that providers use, and OpenAI's `x-ratelimit-*` headers. */
export const rateLimit = defineLlmFault({
  type: 'rate-limit',
  summary: 'Too many requests (429), with or without a Retry-After',
  parameters: z.strictObject({
    retry_after_ms: z.number().min(0).optional().describe('Wait that the server asks for; no header without it'),
    form: z.enum(['seconds', 'date', 'milliseconds']).default('seconds').describe('Retry-After in whole seconds or as an HTTP date (both rounded up), or Azure\'s retry-after-ms'),
  }),
  install:
    ({ retry_after_ms: waitMs, form }) =>
    (call) => {
      const headers = { 'content-type': 'application/json', 'x-ratelimit-limit-requests': '500', 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-limit-tokens': '30000', 'x-ratelimit-remaining-tokens': '29000' };
      const body = openAiError('requests', 'rate_limit_exceeded', `Rate limit reached for ${call.request.model} on requests per min (RPM): Limit 500, Used 500, Requested 1.`);
      if (waitMs === undefined) return refuse(call, { status: 429, body, headers });
      const reset = { 'x-ratelimit-reset-requests': `${Math.ceil(waitMs)}ms`, 'x-ratelimit-reset-tokens': '6ms' };
      return refuse(call, { status: 429, body, headers: { ...headers, ...reset, ...waitHeaders[form](waitMs, call.clock.now()) } });
    },
});

const waitHeaders = {
  seconds: (waitMs: number) => ({ 'retry-after': String(Math.ceil(waitMs / 1000)) }),
  date: (waitMs: number, nowMs: number) => ({ 'retry-after': new Date(Math.ceil((nowMs + waitMs) / 1000) * 1000).toUTCString() }),
  milliseconds: (waitMs: number) => ({ 'retry-after-ms': String(Math.ceil(waitMs)) }),
};
