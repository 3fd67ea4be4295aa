import { z } from 'zod';
import { openAiError, refuse } from '../spoiling/refuse.ts';
import { defineLlmFault } from './define-fault.ts';

/** `slow_down`: not too many requests, but too steep a rise. OpenAI sent it with 503 before it sent it with 429. */
export const rampTooFast = defineLlmFault({
  type: 'ramp-too-fast',
  summary: 'The rate of requests rose too fast (429 or 503, slow_down)',
  parameters: z.strictObject({ status: z.literal([429, 503]).default(429).describe('HTTP status') }),
  install:
    ({ status }) =>
    (call) =>
      refuse(call, { status, body: openAiError('requests', 'slow_down', 'Slow down: please reduce your request rate to its original level, and raise it gradually.') }),
});
