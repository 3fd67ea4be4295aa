import { z } from 'zod';
import { bytesOf, contentOf, eventsOf, isAnswer, isStream } from '../spoiling/events.ts';
import { pause } from '../spoiling/pause.ts';
import { defineLlmFault, type FaultCall } from './define-fault.ts';

const PIECES = 16;

/** A low, steady rate: never silent for long, and yet too slow. An answer that is not streamed comes in 16 pieces. */
export const slowTokens = defineLlmFault({
  type: 'slow-tokens',
  summary: 'The answer trickles in',
  parameters: z.strictObject({
    chunk_delay_ms: z.number().min(0).default(250).describe('Before each chunk with text'),
    jitter_ms: z.number().min(0).default(0).describe('More or less than that, at most'),
  }),
  install:
    ({ chunk_delay_ms: delayMs, jitter_ms: jitterMs }) =>
    async (call, model) => {
      const reply = await model(call);
      if (!isAnswer(reply)) return reply;
      async function* trickle(): AsyncGenerator<string | Uint8Array> {
        call.touch();
        for await (const piece of isStream(reply) ? eventsOf(reply.body) : piecesOf(await bytesOf(reply.body))) {
          if (typeof piece !== 'string' || contentOf(piece) !== '') await slowDown(call, delayMs, jitterMs);
          yield piece;
        }
      }
      return { ...reply, body: trickle() };
    },
});

async function slowDown(call: FaultCall, delayMs: number, jitterMs: number): Promise<void> {
  const thisMs = Math.max(0, delayMs + (call.rng.next() * 2 - 1) * jitterMs);
  if (!call.healed.aborted) await pause(call, thisMs);
}

function* piecesOf(bytes: Buffer): Generator<Buffer> {
  const size = Math.max(1, Math.ceil(bytes.length / PIECES));
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
