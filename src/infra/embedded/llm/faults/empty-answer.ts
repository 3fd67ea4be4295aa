import { z } from 'zod';
import { editAnswer } from '../spoiling/edit-answer.ts';
import { defineLlmFault } from './define-fault.ts';

/** Nothing, with finish reason "stop". */
export const emptyAnswer = defineLlmFault({
  type: 'empty-answer',
  summary: 'A successful answer without any text',
  parameters: z.strictObject({ content: z.enum(['null', 'empty', 'blank']).default('null').describe('No text, an empty one, or blanks') }),
  install:
    ({ content }) =>
    async (call, model) =>
      editAnswer(call, await model(call), () => ({ content: { null: null, empty: '', blank: ' \n ' }[content] })),
});
