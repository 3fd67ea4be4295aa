import { z } from 'zod';
import { cutReply } from '../spoiling/cut.ts';
import { isStream } from '../spoiling/events.ts';
import { standStill } from '../spoiling/pause.ts';
import { defineLlmFault } from './define-fault.ts';

/** Status, headers and half a JSON object, then silence. Answers that are streamed are left to `mid-stream-stall`. */
export const bodyStall = defineLlmFault({
  type: 'body-stall',
  summary: 'An answer that is not streamed stops half-way through its JSON, the connection stays open',
  parameters: z.strictObject({
    after_bytes: z.int().min(0).optional().describe('Bytes that get through first; half of the body without it'),
    stall_ms: z.number().min(0).optional().describe('The answer goes on after this; without it, never'),
  }),
  install:
    ({ after_bytes, stall_ms: stallMs }) =>
    async (call, model, rest) => {
      if (call.request.stream) return rest(call);
      const reply = await model(call);
      if (isStream(reply)) return reply;
      return cutReply(call, reply, { after_bytes }, async function* (others) {
        await standStill(call, stallMs);
        yield* others;
      });
    },
});
