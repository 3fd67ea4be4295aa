import { z } from 'zod';
import { isAnswer } from '../spoiling/events.ts';
import { standStill } from '../spoiling/pause.ts';
import { defineLlmFault } from './define-fault.ts';

/** The whole answer, `[DONE]` and all, and then the response is not ended: a client that reads to the end hangs with the answer in hand. */
export const lingerAfterDone = defineLlmFault({
  type: 'linger-after-done',
  summary: 'The answer is complete, but the connection is never ended',
  parameters: z.strictObject({ linger_ms: z.number().min(0).optional().describe('Ended after this; without it, never') }),
  install:
    ({ linger_ms: lingerMs }) =>
    async (call, model) => {
      const reply = await model(call);
      if (!isAnswer(reply)) return reply;
      async function* lingering(): AsyncGenerator<string | Uint8Array> {
        yield* reply.body;
        call.touch();
        await standStill(call, lingerMs);
      }
      return { ...reply, body: lingering() };
    },
});
