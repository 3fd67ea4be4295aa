import { z } from 'zod';
import { ConnectionBroken } from '../llm-call.ts';
import { bytesOf, isAnswer } from '../spoiling/events.ts';
import { sent } from '../spoiling/pause.ts';
import { defineLlmFault } from './define-fault.ts';

/** Content-Length promises more than comes before the connection is closed. */
export const contentLengthMismatch = defineLlmFault({
  type: 'content-length-mismatch',
  summary: 'The body is shorter than its Content-Length',
  parameters: z.strictObject({ missing_bytes: z.int().min(1).default(100).describe('Bytes promised beyond what is sent') }),
  install:
    ({ missing_bytes: missing }) =>
    async (call, model) => {
      const reply = await model(call);
      if (!isAnswer(reply)) return reply;
      const bytes = await bytesOf(reply.body);
      async function* short(): AsyncGenerator<Uint8Array> {
        call.touch();
        yield bytes;
        await sent();
        throw new ConnectionBroken('close');
      }
      return { ...reply, headers: { ...reply.headers, 'content-length': String(bytes.length + missing) }, body: short() };
    },
});
