import { z } from 'zod';
import { isAnswer } from '../spoiling/events.ts';
import { defineLlmFault } from './define-fault.ts';

/** The right body under the wrong name; the openai client hands a body that is not called JSON on as text. */
export const wrongContentType = defineLlmFault({
  type: 'wrong-content-type',
  summary: 'A correct answer under a wrong Content-Type',
  parameters: z.strictObject({ content_type: z.string().min(1).default('text/html').describe('What it is called') }),
  install:
    ({ content_type: contentType }) =>
    async (call, model) => {
      const reply = await model(call);
      if (!isAnswer(reply)) return reply;
      call.touch();
      return { ...reply, headers: { ...reply.headers, 'content-type': contentType } };
    },
});
