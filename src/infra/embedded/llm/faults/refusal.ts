import { z } from 'zod';
import { editAnswer } from '../spoiling/edit-answer.ts';
import { defineLlmFault } from './define-fault.ts';

/** The model declines, in the member that structured output has for it, with finish reason "stop". */
export const refusal = defineLlmFault({
  type: 'refusal',
  summary: 'The model declines to answer',
  parameters: z.strictObject({ text: z.string().min(1).default('I\'m sorry, I cannot assist with that request.').describe('What it says instead') }),
  install:
    ({ text }) =>
    async (call, model) =>
      editAnswer(call, await model(call), () => ({ content: null, finishReason: 'stop', message: { refusal: text } })),
});
