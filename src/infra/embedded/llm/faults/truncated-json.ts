import { z } from 'zod';
import { editAnswer } from '../spoiling/edit-answer.ts';
import { half } from '../spoiling/half.ts';
import { defineLlmFault } from './define-fault.ts';

/** The text breaks off, yet the finish reason says that all is well. */
export const truncatedJson = defineLlmFault({
  type: 'truncated-json',
  summary: 'The text of the answer breaks off, with finish reason "stop"',
  parameters: z.strictObject({ share: z.number().min(0).max(1).default(0.5).describe('Share of the text that is left') }),
  install:
    ({ share }) =>
    async (call, model) =>
      editAnswer(call, await model(call), ({ content }) => ({ content: half(content, share) })),
});
