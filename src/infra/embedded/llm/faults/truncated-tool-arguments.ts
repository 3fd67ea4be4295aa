import { z } from 'zod';
import { editAnswer } from '../spoiling/edit-answer.ts';
import { half } from '../spoiling/half.ts';
import { defineLlmFault } from './define-fault.ts';

/** A tool call in place of the text, the text as its arguments, and these cut off: unparsable, with finish reason "tool_calls". */
export const truncatedToolArguments = defineLlmFault({
  type: 'truncated-tool-arguments',
  summary: 'A tool call with broken arguments in place of an answer',
  parameters: z.strictObject({ name: z.string().min(1).default('report_section').describe('The function that is called') }),
  install:
    ({ name }) =>
    async (call, model) =>
      editAnswer(call, await model(call), ({ content }) => ({
        content: null,
        finishReason: 'tool_calls',
        message: { tool_calls: [{ index: 0, id: `call_${call.callId.slice(0, 24)}`, type: 'function', function: { name, arguments: half(content) } }] },
      })),
});
