import { z } from 'zod';
import { openAiError, refuse } from '../spoiling/refuse.ts';
import { defineLlmFault } from './define-fault.ts';

/** A real quota: so many requests or tokens a window, answers with 429 and the time to the next window once they are used up. */
export const windowQuota = defineLlmFault({
  type: 'window-quota',
  summary: 'Only so many requests or tokens a window; 429 for the rest of it',
  parameters: z
    .strictObject({
      window_ms: z.number().min(1).describe('Length of a window; the first begins with the first call').meta({ examples: [10_000] }),
      requests: z.int().min(0).optional().describe('Requests answered in a window'),
      tokens: z.int().min(0).optional().describe('Tokens after which no more requests are answered in a window'),
    }),
  install({ window_ms: windowMs, requests = Infinity, tokens = Infinity }) {
    let window = { startMs: -Infinity, requests: 0, tokens: 0 };
    return async (call, _model, rest) => {
      const nowMs = call.clock.monotonicMs();
      if (nowMs >= window.startMs + windowMs) window = { startMs: nowMs, requests: 0, tokens: 0 };
      const current = window;
      if (current.requests >= requests || current.tokens >= tokens) {
        const waitMs = current.startMs + windowMs - nowMs;
        const headers = { 'content-type': 'application/json', 'retry-after-ms': String(Math.ceil(waitMs)), 'retry-after': String(Math.ceil(waitMs / 1000)) };
        return refuse(call, { status: 429, body: openAiError('tokens', 'rate_limit_exceeded', 'Rate limit reached for this window.'), headers });
      }
      current.requests++;
      const reply = await rest(call);
      async function* counted(): AsyncGenerator<string | Uint8Array> {
        try {
          yield* reply.body;
        } finally {
          const { promptTokens, completionTokens } = reply.usage();
          current.tokens += (promptTokens ?? 0) + (completionTokens ?? 0);
        }
      }
      return { ...reply, body: counted() };
    };
  },
});
