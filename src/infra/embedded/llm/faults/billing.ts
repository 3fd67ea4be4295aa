import { z } from 'zod';
import { refuse } from '../spoiling/refuse.ts';
import { defineLlmFault } from './define-fault.ts';

/** 402, with a number for its code, as OpenRouter writes it. */
export const billing = defineLlmFault({
  type: 'billing',
  summary: 'The account has no credit (402)',
  parameters: z.strictObject({}),
  install: () => (call) => refuse(call, { status: 402, body: { error: { code: 402, message: 'Insufficient credits. Add more to continue.', metadata: {} } } }),
});
