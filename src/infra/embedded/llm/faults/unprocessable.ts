import { z } from 'zod';
import { refuse } from '../spoiling/refuse.ts';
import { defineLlmFault } from './define-fault.ts';

/** 422 as FastAPI servers word it: a list `detail`, no `error`. */
export const unprocessable = defineLlmFault({
  type: 'unprocessable',
  summary: 'The server\'s own validation refuses the request (422)',
  parameters: z.strictObject({}),
  install: () => (call) => refuse(call, { status: 422, body: { detail: [{ type: 'extra_forbidden', loc: ['body', 'response_format'], msg: 'Extra inputs are not permitted' }] } }),
});
