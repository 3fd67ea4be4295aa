import { z } from 'zod';
import { refuse } from '../spoiling/refuse.ts';
import { defineLlmFault } from './define-fault.ts';

/** 429 RESOURCE_EXHAUSTED: which quota and how long to wait stand in the body's details, not in a header. */
export const geminiQuota = defineLlmFault({
  type: 'gemini-quota',
  summary: 'Google\'s rate limit (429 RESOURCE_EXHAUSTED), with the wait in the body',
  parameters: z.strictObject({ retry_delay_ms: z.number().min(0).default(1_000).describe('Wait that the body names') }),
  install:
    ({ retry_delay_ms: delayMs }) =>
    (call) =>
      refuse(call, {
        status: 429,
        body: {
          error: {
            code: 429,
            message: `You exceeded your current quota. Please retry in ${delayMs / 1000}s.`,
            status: 'RESOURCE_EXHAUSTED',
            details: [
              { '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [{ quotaMetric: 'generate_content_free_tier_requests', quotaId: 'GenerateRequestsPerMinutePerProjectPerModel', quotaValue: '10' }] },
              { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${delayMs / 1000}s` },
            ],
          },
        },
      }),
});
