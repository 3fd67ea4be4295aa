import { z } from 'zod';
import { ConnectionBroken } from '../llm-call.ts';
import { defineLlmFault } from './define-fault.ts';

/** The request is read and the connection closed without an answer, as happens to a request sent on a kept-alive connection that the server has just given up. */
export const hangUp = defineLlmFault({
  type: 'hang-up',
  summary: 'The connection is closed without any answer (stale keep-alive)',
  parameters: z.strictObject({ how: z.enum(['reset', 'close']).default('close').describe('RST or FIN') }),
  install:
    ({ how }) =>
    (call) => {
      call.touch();
      return Promise.reject(new ConnectionBroken(how));
    },
});
