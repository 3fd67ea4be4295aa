import { z } from 'zod';
import { editAnswer } from '../spoiling/edit-answer.ts';
import { half } from '../spoiling/half.ts';
import { defineLlmFault } from './define-fault.ts';

/** The model ran out of tokens: cut off, and the finish reason says so. */
export const lengthStop = defineLlmFault({
  type: 'length-stop',
  summary: 'The answer is cut off at its token limit, with finish reason "length"',
  parameters: z.strictObject({ share: z.number().min(0).max(1).default(0.5).describe('Share of the text that is left') }),
  install:
    ({ share }) =>
    async (call, model) =>
      editAnswer(call, await model(call), ({ content }) => ({ content: half(content, share), finishReason: 'length' })),
});
