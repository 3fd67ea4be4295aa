import { z } from 'zod';
import { editAnswer } from '../spoiling/edit-answer.ts';
import { defineLlmFault } from './define-fault.ts';

/** The JSON that was asked for, in a Markdown fence. */
export const fencedJson = defineLlmFault({
  type: 'fenced-json',
  summary: 'The JSON comes in a Markdown fence',
  parameters: z.strictObject({}),
  install: () => async (call, model) => editAnswer(call, await model(call), ({ content }) => ({ content: `\`\`\`json\n${content}\n\`\`\`` })),
});
