import { z } from 'zod';
import { isAnswer, isStream } from '../spoiling/events.ts';
import { pause } from '../spoiling/pause.ts';
import { defineLlmFault, type FaultCall } from './define-fault.ts';

/** The headers come at once and the text late: keep-alive comments meanwhile, which are blanks where the answer is one JSON object. */
export const slowFirstToken = defineLlmFault({
  type: 'slow-first-token',
  summary: 'Headers at once, the first text late, with or without keep-alives meanwhile',
  parameters: z.strictObject({
    delay_ms: z.number().min(0).optional().describe('Delay; without it, until the fault is over'),
    keepalive_ms: z.number().min(1).optional().describe('A keep-alive this often; none without it'),
  }),
  install:
    ({ delay_ms: delayMs, keepalive_ms: keepaliveMs }) =>
    async (call, model) => {
      const reply = await model(call);
      if (!isAnswer(reply)) return reply;
      async function* late(): AsyncGenerator<string | Uint8Array> {
        call.touch();
        yield* wait(call, delayMs, keepaliveMs, isStream(reply) ? ': keep-alive\n\n' : ' ');
        yield* reply.body;
      }
      return { ...reply, body: late() };
    },
});

async function* wait(call: FaultCall, delayMs: number | undefined, everyMs: number | undefined, beat: string): AsyncGenerator<string> {
  if (everyMs === undefined) await pause(call, delayMs);
  const endMs = everyMs === undefined ? -Infinity : call.clock.monotonicMs() + (delayMs ?? Infinity);
  for (let leftMs = endMs - call.clock.monotonicMs(); leftMs > 0 && !call.healed.aborted; leftMs = endMs - call.clock.monotonicMs()) {
    await pause(call, Math.min(everyMs as number, leftMs));
    yield beat;
  }
}
