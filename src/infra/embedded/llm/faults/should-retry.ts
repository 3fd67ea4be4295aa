import { z } from 'zod';
import { openAiError, refuse } from '../spoiling/refuse.ts';
import { defineLlmFault } from './define-fault.ts';

/** An error status whose `x-should-retry` header says the opposite of what the status says; the openai client obeys the header. */
export const shouldRetry = defineLlmFault({
  type: 'should-retry',
  summary: 'The server overrules by header whether its error is worth another try',
  parameters: z.strictObject({
    retry: z.boolean().default(false).describe('What the header says'),
    status: z.int().min(400).max(599).optional().describe('HTTP status; 500 where the header says no, 400 where it says yes'),
  }),
  install:
    ({ retry, status = retry ? 400 : 500 }) =>
    (call) =>
      refuse(call, { status, body: openAiError('server_error', null, 'The server had an error while processing your request.'), headers: { 'content-type': 'application/json', 'x-should-retry': String(retry) } }),
});
