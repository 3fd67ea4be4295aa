import { z } from 'zod';
import { editAnswer } from '../spoiling/edit-answer.ts';
import { defineLlmFault } from './define-fault.ts';

/** The JSON that was asked for, with friendly words and stray braces before and after. */
export const proseAroundJson = defineLlmFault({
  type: 'prose-around-json',
  summary: 'The JSON comes with prose around it',
  parameters: z.strictObject({}),
  install: () => async (call, model) =>
    editAnswer(call, await model(call), ({ content }) => ({ content: `Sure! Here is the section {as you asked}:\n\n${content}\n\nLet me know if you want me to change anything.` })),
});
