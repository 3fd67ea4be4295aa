import { z } from 'zod';
import { editAnswer } from '../spoiling/edit-answer.ts';
import { defineLlmFault } from './define-fault.ts';

const answers = { object: { result: { score: 7, label: 'ok' } }, array: ['ok', 7, null], string: 'ok', number: 7, null: null } as const;

/** Valid JSON, of another shape than was asked for. */
export const wrongSchema = defineLlmFault({
  type: 'wrong-schema',
  summary: 'Valid JSON of the wrong shape',
  parameters: z.strictObject({ as: z.enum(['object', 'array', 'string', 'number', 'null']).default('object').describe('What comes instead') }),
  install:
    ({ as }) =>
    async (call, model) =>
      editAnswer(call, await model(call), () => ({ content: JSON.stringify(answers[as]) })),
});
