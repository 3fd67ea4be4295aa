import { z } from 'zod';
import { openAiError, refuse } from '../spoiling/refuse.ts';
import { defineLlmFault } from './define-fault.ts';

/** 409: a lock on the provider's side was not had in time. */
export const conflict = defineLlmFault({
  type: 'conflict',
  summary: 'The server reports a conflict with another request (409)',
  parameters: z.strictObject({}),
  install: () => (call) => refuse(call, { status: 409, body: openAiError('conflict_error', 'conflict', 'The resource was updated by another request. Please try again.') }),
});
