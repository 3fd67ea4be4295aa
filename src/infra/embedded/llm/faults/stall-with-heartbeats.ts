import { z } from 'zod';
import { cutPoint, cutReply } from '../spoiling/cut.ts';
import { eventWith, isAnswer, isStream } from '../spoiling/events.ts';
import { standStill } from '../spoiling/pause.ts';
import { defineLlmFault, type FaultCall } from './define-fault.ts';

/** Bytes keep coming, text does not: timers that watch for bytes never fire. */
export const stallWithHeartbeats = defineLlmFault({
  type: 'stall-with-heartbeats',
  summary: 'The answer stops in the middle, but keep-alives go on for ever',
  parameters: z.strictObject({
    ...cutPoint,
    every_ms: z.number().min(1).default(1_000).describe('Time between two keep-alives'),
    as: z.enum(['comment', 'empty-chunk']).default('comment').describe('What is sent; blanks where the answer is not streamed'),
  }),
  install:
    ({ every_ms: everyMs, as, ...point }) =>
    async (call, model) => {
      const reply = await model(call);
      // Blanks are harmless only outside of the JSON object, so before it.
      if (isAnswer(reply) && !isStream(reply)) return { ...reply, body: beatFirst(call, everyMs) };
      const empty = eventWith({ id: `chatcmpl-${call.callId}`, object: 'chat.completion.chunk', created: Math.floor(call.clock.now() / 1000), model: call.request.model, choices: [{ index: 0, delta: { content: '' }, finish_reason: null }] });
      return cutReply(call, reply, point, () => beats(call, everyMs, as === 'comment' ? ': keep-alive\n\n' : empty));
    },
});

async function* beatFirst(call: FaultCall, everyMs: number): AsyncGenerator<string> {
  call.touch();
  yield* beats(call, everyMs, ' ');
}

/** Ends when the client leaves, by rejecting. */
async function* beats(call: FaultCall, everyMs: number, beat: string): AsyncGenerator<string> {
  for (;;) {
    yield beat;
    await standStill(call, everyMs);
  }
}
