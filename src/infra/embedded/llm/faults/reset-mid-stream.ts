import { z } from 'zod';
import { ConnectionBroken } from '../llm-call.ts';
import { cutPoint, cutReply } from '../spoiling/cut.ts';
import { sent } from '../spoiling/pause.ts';
import { defineLlmFault } from './define-fault.ts';

/** Some text, then the connection is gone: by RST, or by a FIN in the middle of the chunked body. */
export const resetMidStream = defineLlmFault({
  type: 'reset-mid-stream',
  summary: 'The connection is lost in the middle of the answer',
  parameters: z.strictObject({ ...cutPoint, how: z.enum(['reset', 'close']).default('reset').describe('RST, or FIN with the body unfinished') }),
  install:
    ({ how, ...point }) =>
    async (call, model) =>
      cutReply(call, await model(call), point, () => breakOff(how)),
});

// oxlint-disable-next-line eslint/require-yield -- what comes in place of the rest is its breaking off
async function* breakOff(how: 'reset' | 'close'): AsyncGenerator<never> {
  await sent();
  throw new ConnectionBroken(how);
}
