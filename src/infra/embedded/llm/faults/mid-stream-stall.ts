import { z } from 'zod';
import { cutPoint, cutReply } from '../spoiling/cut.ts';
import { standStill } from '../spoiling/pause.ts';
import { defineLlmFault } from './define-fault.ts';

/** Some text, then silence on an open connection. A client whose timer ends with the headers waits for ever. */
export const midStreamStall = defineLlmFault({
  type: 'mid-stream-stall',
  summary: 'The answer stops in the middle, the connection stays open',
  parameters: z.strictObject({ ...cutPoint, stall_ms: z.number().min(0).optional().describe('The answer goes on after this; without it, never') }),
  install:
    ({ stall_ms: stallMs, ...point }) =>
    async (call, model) =>
      cutReply(call, await model(call), point, async function* (rest) {
        await standStill(call, stallMs);
        yield* rest;
      }),
});
