import { z } from 'zod';
import { editObjects } from '../spoiling/edit-answer.ts';
import { defineLlmFault } from './define-fault.ts';

/** No token counts: neither the member nor the chunk of a stream that is there for it. */
export const missingUsage = defineLlmFault({
  type: 'missing-usage',
  summary: 'The answer does not say what it cost',
  parameters: z.strictObject({}),
  install: () => async (call, model) =>
    editObjects(call, await model(call), (object) => {
      if (!Object.hasOwn(object, 'usage')) return object;
      const { usage: _usage, ...others } = object;
      return Array.isArray(others['choices']) && others['choices'].length === 0 ? null : others;
    }),
});
