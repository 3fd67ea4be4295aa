import { gzipSync } from 'node:zlib';
import { z } from 'zod';
import { bytesOf, isAnswer } from '../spoiling/events.ts';
import { defineLlmFault } from './define-fault.ts';

/** A body that calls itself gzip and cannot be unpacked to its end. */
export const brokenGzip = defineLlmFault({
  type: 'broken-gzip',
  summary: 'The answer is compressed, and damaged',
  parameters: z.strictObject({ damage: z.enum(['truncated', 'not-gzip']).default('truncated').describe('The second half is missing, or it was never compressed') }),
  install:
    ({ damage }) =>
    async (call, model) => {
      const reply = await model(call);
      if (!isAnswer(reply)) return reply;
      async function* damaged(): AsyncGenerator<Uint8Array> {
        const bytes = await bytesOf(reply.body);
        call.touch();
        const packed = gzipSync(bytes);
        yield damage === 'truncated' ? packed.subarray(0, Math.floor(packed.length / 2)) : bytes;
      }
      return { ...reply, headers: { ...reply.headers, 'content-encoding': 'gzip' }, body: damaged() };
    },
});
