import { z } from 'zod';
import { cutPoint, cutReply } from '../spoiling/cut.ts';
import { editAnswer } from '../spoiling/edit-answer.ts';
import { half } from '../spoiling/half.ts';
import { isStream } from '../spoiling/events.ts';
import { defineLlmFault } from './define-fault.ts';

/** A clean end in the middle: no finish reason, no `[DONE]`, no error. Only who looks for the finish reason notices. */
export const truncatedSuccess = defineLlmFault({
  type: 'truncated-success',
  summary: 'The answer ends cleanly in the middle, without a finish reason',
  parameters: z.strictObject(cutPoint),
  install: (point) => async (call, model) => {
    const reply = await model(call);
    if (!isStream(reply)) return editAnswer(call, reply, ({ content }) => ({ content: half(content), finishReason: null }));
    return cutReply(call, reply, point, async function* () {});
  },
});
