import { z } from 'zod';
import { openAiError, refuse, type Refusal } from '../spoiling/refuse.ts';
import { defineLlmFault } from './define-fault.ts';

const answers: Readonly<Record<'openai' | 'anthropic' | 'gemini', Refusal>> = {
  openai: { status: 503, body: openAiError('server_error', null, 'The engine is currently overloaded, please try again later.') },
  anthropic: { status: 529, body: { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' }, request_id: 'req_011COverloaded' } },
  gemini: { status: 503, body: { error: { code: 503, message: 'The model is overloaded. Please try again later.', status: 'UNAVAILABLE' } } },
};

/** Overload is answered differently everywhere: 503, Anthropic's own 529, or Google's UNAVAILABLE. */
export const overloaded = defineLlmFault({
  type: 'overloaded',
  summary: 'The provider is overloaded (503, or Anthropic\'s 529)',
  parameters: z.strictObject({ provider: z.enum(['openai', 'anthropic', 'gemini']).default('openai').describe('Whose status and words') }),
  install:
    ({ provider }) =>
    (call) =>
      refuse(call, answers[provider]),
});
