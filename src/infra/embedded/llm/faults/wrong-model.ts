import { z } from 'zod';
import { editObjects } from '../spoiling/edit-answer.ts';
import { defineLlmFault } from './define-fault.ts';

/** Another model has answered than was asked, and nothing but the `model` member says so. */
export const wrongModel = defineLlmFault({
  type: 'wrong-model',
  summary: 'Another model answers than was asked (silent downgrade)',
  parameters: z.strictObject({ model: z.string().min(1).default('netra-builtin-mini').describe('Its name, as the answer gives it') }),
  install:
    ({ model: name }) =>
    async (call, model) =>
      editObjects(call, await model(call), (object) => ({ ...object, model: name })),
});
