import { z } from 'zod';
import { abortReason } from '../../../../core/abort.ts';
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
  if (everyMs === undefined) return pause(call, delayMs);
  const endMs = call.clock.monotonicMs() + (delayMs ?? Infinity);
  for (;;) {
    const leftMs = endMs - call.clock.monotonicMs();
    if (leftMs <= 0 || call.healed.aborted) return;
    if (call.signal.aborted) throw abortReason(call.signal);
    await pause(call, Math.min(everyMs, leftMs));
    yield beat;
  }
}
