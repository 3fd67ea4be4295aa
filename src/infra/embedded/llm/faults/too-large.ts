import { z } from 'zod';
import { refuse } from '../spoiling/refuse.ts';
import { defineLlmFault } from './define-fault.ts';

/** 413 by the edge in front of the API, which knows nothing of its error objects. */
export const tooLarge = defineLlmFault({
  type: 'too-large',
  summary: 'The edge in front of the API refuses the request\'s size (413, HTML)',
  parameters: z.strictObject({}),
  install: () => (call) => refuse(call, { status: 413, body: '<html><head><title>413 Request Entity Too Large</title></head><body><h1>413 Request Entity Too Large</h1></body></html>' }),
});
