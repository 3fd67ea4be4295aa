import { z } from 'zod';
import { openAiError, refuse } from '../spoiling/refuse.ts';
import { defineLlmFault } from './define-fault.ts';

/** 401, `invalid_api_key`: asking again does not help. */
export const badKey = defineLlmFault({
  type: 'bad-key',
  summary: 'The provider does not know the key (401)',
  parameters: z.strictObject({}),
  install: () => (call) => refuse(call, { status: 401, body: openAiError('invalid_request_error', 'invalid_api_key', 'Incorrect API key provided.') }),
});
