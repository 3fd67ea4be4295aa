import { z } from 'zod';
import { openAiError, refuse } from '../spoiling/refuse.ts';
import { defineLlmFault } from './define-fault.ts';

/** 408: the server says itself that it was too slow. */
export const requestTimeout = defineLlmFault({
  type: 'request-timeout',
  summary: 'The server gives the request up for time (408)',
  parameters: z.strictObject({}),
  install: () => (call) => refuse(call, { status: 408, body: openAiError('timeout', 'request_timeout', 'The request took too long to be processed.') }),
});
