import { z } from 'zod';
import { openAiError, refuse } from '../spoiling/refuse.ts';
import { defineLlmFault } from './define-fault.ts';

/** 500 in OpenAI's words, or 504 in those of Google's API. */
export const serverError = defineLlmFault({
  type: 'server-error',
  summary: 'The server fails (500, or 504 DEADLINE_EXCEEDED)',
  parameters: z.strictObject({ status: z.literal([500, 504]).default(500).describe('HTTP status') }),
  install:
    ({ status }) =>
    (call) =>
      refuse(call, {
        status,
        body:
          status === 500
            ? openAiError('server_error', null, 'The server had an error while processing your request. Sorry about that!')
            : { error: { code: 504, message: 'The request deadline was exceeded.', status: 'DEADLINE_EXCEEDED' } },
      }),
});
