import { z } from 'zod';
import { cutPoint, cutReply } from '../spoiling/cut.ts';
import { isStream } from '../spoiling/events.ts';
import { defineLlmFault } from './define-fault.ts';

/** One data line is no JSON; the stream goes on behind it. Of an answer that is not streamed, the body breaks off inside of its JSON. */
export const invalidJsonLine = defineLlmFault({
  type: 'invalid-json-line',
  summary: 'A line of the stream, or the whole body, is no JSON',
  parameters: z.strictObject(cutPoint),
  install: (point) => async (call, model) => {
    const reply = await model(call);
    return cutReply(call, reply, point, async function* (rest) {
      if (isStream(reply)) {
        yield 'data: {"id":"chatcmpl-broken","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"\n\n';
        yield* rest;
      } else {
        yield '}]}';
      }
    });
  },
});
