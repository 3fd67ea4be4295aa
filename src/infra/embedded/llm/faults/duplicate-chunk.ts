import { z } from 'zod';
import { contentOf, eventsOf, isAnswer, isStream } from '../spoiling/events.ts';
import { defineLlmFault } from './define-fault.ts';

/** A chunk is sent twice, as by a proxy that resumes a stream in the wrong place. Answers that are not streamed have no chunks. */
export const duplicateChunk = defineLlmFault({
  type: 'duplicate-chunk',
  summary: 'A chunk of the stream comes twice',
  parameters: z.strictObject({ chunk: z.int().min(1).default(3).describe('Which one, of those with text') }),
  install:
    ({ chunk: wanted }) =>
    async (call, model, rest) => {
      if (!call.request.stream) return rest(call);
      const reply = await model(call);
      if (!isAnswer(reply) || !isStream(reply)) return reply;
      async function* twice(): AsyncGenerator<string> {
        let number = 0;
        for await (const event of eventsOf(reply.body)) {
          yield event;
          if (contentOf(event) === '' || ++number !== wanted) continue;
          call.touch();
          yield event;
        }
      }
      return { ...reply, body: twice() };
    },
});
