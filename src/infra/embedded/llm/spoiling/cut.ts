import { z } from 'zod';
import type { FaultCall } from '../faults/define-fault.ts';
import type { BodyPiece, LlmReply } from '../llm-call.ts';
import { bytesOf, contentOf, eventsOf, isAnswer, isStream } from './events.ts';

/** Where in an answer a fault sets in. Without either: after 3 chunks of a stream, half-way through any other body. */
export const cutPoint = {
  after_chunks: z.int().min(0).optional().describe('Chunks with text that get through first; of an answer that is not streamed, half does'),
  after_bytes: z.int().min(0).optional().describe('Bytes of the body that get through first, whatever they cut apart'),
};

export interface CutPoint {
  readonly after_chunks?: number | undefined;
  readonly after_bytes?: number | undefined;
}

const DEFAULT_CHUNKS = 3;

/** What comes in place of the rest of an answer; `rest` is that rest. */
export type Ending = (rest: AsyncIterable<BodyPiece>) => AsyncIterable<BodyPiece>;

/** Lets the beginning of an answer through, then `ending`. An answer that ends before the point is left as it is. */
export function cutReply(call: FaultCall, reply: LlmReply, point: CutPoint, ending: Ending): LlmReply {
  if (!isAnswer(reply)) return reply;
  const { after_chunks: chunks, after_bytes: bytes } = point;
  const body = isStream(reply) && bytes === undefined ? cutStream(call, reply.body, chunks ?? DEFAULT_CHUNKS, ending) : cutBytes(call, reply, bytes, ending);
  return { ...reply, body };
}

async function* cutStream(call: FaultCall, body: AsyncIterable<BodyPiece>, chunks: number, ending: Ending): AsyncGenerator<BodyPiece> {
  const events = eventsOf(body);
  try {
    for (let left = chunks; left > 0; ) {
      const next = await events.next();
      if (next.done === true) return;
      yield next.value;
      if (contentOf(next.value) !== '') left--;
    }
    call.touch();
    yield* ending(events);
  } finally {
    await events.return(undefined);
  }
}

async function* cutBytes(call: FaultCall, reply: LlmReply, bytes: number | undefined, ending: Ending): AsyncGenerator<BodyPiece> {
  const whole = bytes === undefined || !isStream(reply) ? await bytesOf(reply.body) : undefined;
  const pieces = whole === undefined ? buffersOf(reply.body) : buffersOf([whole]);
  try {
    let rest: Buffer = Buffer.alloc(0);
    for (let left = bytes ?? Math.floor((whole as Buffer).length / 2); left > 0; ) {
      const next = await pieces.next();
      if (next.done === true) return;
      yield next.value.subarray(0, left);
      rest = next.value.subarray(left);
      left -= next.value.length;
    }
    call.touch();
    yield* ending(rest.length === 0 ? pieces : joined(rest, pieces));
  } finally {
    await pieces.return(undefined);
  }
}

async function* buffersOf(body: AsyncIterable<BodyPiece> | Iterable<BodyPiece>): AsyncGenerator<Buffer> {
  for await (const piece of body) yield typeof piece === 'string' ? Buffer.from(piece) : Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
}

async function* joined(first: BodyPiece, others: AsyncIterable<BodyPiece>): AsyncGenerator<BodyPiece> {
  yield first;
  yield* others;
}
