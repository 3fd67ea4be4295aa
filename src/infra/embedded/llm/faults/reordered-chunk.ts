import { z } from 'zod';
import { contentOf, eventsOf, isAnswer, isStream } from '../spoiling/events.ts';
import { defineLlmFault } from './define-fault.ts';

/** A chunk comes after the one that follows it. Answers that are not streamed have no chunks. */
export const reorderedChunk = defineLlmFault({
  type: 'reordered-chunk',
  summary: 'Two chunks of the stream come in the wrong order',
  parameters: z.strictObject({ chunk: z.int().min(1).default(3).describe('Which one comes late, of those with text') }),
  install:
    ({ chunk: wanted }) =>
    async (call, model, rest) => {
      if (!call.request.stream) return rest(call);
      const reply = await model(call);
      if (!isAnswer(reply) || !isStream(reply)) return reply;
      async function* swapped(): AsyncGenerator<string> {
        let number = 0;
        let late: string | undefined;
        for await (const event of eventsOf(reply.body)) {
          const hasText = contentOf(event) !== '';
          if (hasText && ++number === wanted) {
            late = event;
            continue;
          }
          if (late !== undefined && hasText) call.touch();
          // Behind the next chunk with text; before the end where there is none, and then nothing has changed.
          yield late === undefined ? event : hasText ? event + late : late + event;
          late = undefined;
        }
        if (late !== undefined) yield late;
      }
      return { ...reply, body: swapped() };
    },
});
