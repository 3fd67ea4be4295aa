import { z } from 'zod';
import { pause } from '../spoiling/pause.ts';
import { defineLlmFault } from './define-fault.ts';

/** No status line for a long time, as behind a full queue; the model is asked when the wait is over. */
export const slowHeaders = defineLlmFault({
  type: 'slow-headers',
  summary: 'The request is accepted, but no status line comes',
  parameters: z.strictObject({ delay_ms: z.number().min(0).optional().describe('Delay; without it, until the fault is over') }),
  install:
    ({ delay_ms: delayMs }) =>
    async (call, model) => {
      call.touch();
      await pause(call, delayMs);
      return model(call);
    },
});
