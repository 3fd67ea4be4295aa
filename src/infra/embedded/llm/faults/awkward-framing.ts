import { z } from 'zod';
import { bytesOf, chunkOf, eventsOf, isAnswer, isStream } from '../spoiling/events.ts';
import { sent } from '../spoiling/pause.ts';
import { defineLlmFault } from './define-fault.ts';

/** All that the protocol allows and few expect: CRLF, comments, data over several lines, and pieces cut in the middle of lines and characters. A correct client notices nothing. */
export const awkwardFraming = defineLlmFault({
  type: 'awkward-framing',
  summary: 'A correct answer in the most awkward framing: odd slices, CRLF, comments, data over several lines',
  parameters: z.strictObject({ slice_bytes: z.int().min(1).default(7).describe('Bytes sent at a time') }),
  install:
    ({ slice_bytes: size }) =>
    async (call, model) => {
      const reply = await model(call);
      if (!isAnswer(reply)) return reply;
      async function* sliced(): AsyncGenerator<Uint8Array> {
        call.touch();
        for await (const piece of isStream(reply) ? reframed(eventsOf(reply.body)) : [await bytesOf(reply.body)]) {
          const bytes = Buffer.from(piece);
          for (let at = 0; at < bytes.length; at += size) {
            yield bytes.subarray(at, at + size);
            // Written in one turn, the slices would leave as one packet.
            await sent();
          }
        }
      }
      return { ...reply, body: sliced() };
    },
});

/** JSON may be broken between its members; the lines are joined again by a newline, which is a blank there. */
async function* reframed(events: AsyncIterable<string>): AsyncGenerator<string> {
  yield ': a comment\r\n\r\nretry: 3000\r\n\r\n';
  for await (const event of events) {
    const chunk = chunkOf(event);
    if (chunk === undefined) yield event.replaceAll('\n', '\r\n');
    else yield `: more\r\nid: 7\r\n${JSON.stringify(chunk, undefined, 1).split('\n').map((line) => `data:${line}`).join('\r\n')}\r\n\r\n`;
  }
}
