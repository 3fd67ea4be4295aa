import { z } from 'zod';
import { openAiError, refuse } from '../spoiling/refuse.ts';
import { defineLlmFault } from './define-fault.ts';

/** 404, `model_not_found`: the model was withdrawn, or the key may not use it. */
export const unknownModel = defineLlmFault({
  type: 'unknown-model',
  summary: 'The provider no longer has the model (404)',
  parameters: z.strictObject({}),
  install: () => (call) =>
    refuse(call, { status: 404, body: openAiError('invalid_request_error', 'model_not_found', `The model '${call.request.model}' does not exist or you do not have access to it.`, 'model') }),
});
