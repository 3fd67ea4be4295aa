import { z } from 'zod';
import { ConnectionBroken } from '../llm-call.ts';
import { bytesOf, isAnswer } from '../spoiling/events.ts';
import { standStill } from '../spoiling/pause.ts';
import { defineLlmFault } from './define-fault.ts';

/** The model has done its work and is paid for it, and the client never hears of it: whoever asks again pays twice. */
export const timeoutAfterCommit = defineLlmFault({
  type: 'timeout-after-commit',
  summary: 'The answer is made and paid for, then dropped on its way',
  parameters: z.strictObject({ how: z.enum(['silence', 'close', 'reset']).default('silence').describe('What the client sees: nothing at all, or a lost connection') }),
  install:
    ({ how }) =>
    async (call, model) => {
      const reply = await model(call);
      if (!isAnswer(reply)) return reply;
      await bytesOf(reply.body);
      call.touch();
      if (how === 'silence') await standStill(call, undefined);
      throw new ConnectionBroken(how === 'reset' ? 'reset' : 'close');
    },
});
