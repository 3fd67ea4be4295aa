import { z } from 'zod';
import { editAnswer } from '../spoiling/edit-answer.ts';
import { half } from '../spoiling/half.ts';
import { defineLlmFault } from './define-fault.ts';

/** The provider's filter stops the answer: 200, finish reason "content_filter", and the text so far. */
export const contentFilter = defineLlmFault({
  type: 'content-filter',
  summary: 'The provider\'s filter withholds the answer, with status 200',
  parameters: z.strictObject({ share: z.number().min(0).max(1).default(0).describe('Share of the text that gets through before') }),
  install:
    ({ share }) =>
    async (call, model) =>
      editAnswer(call, await model(call), ({ content }) => ({ content: share === 0 ? null : half(content, share), finishReason: 'content_filter' })),
});
