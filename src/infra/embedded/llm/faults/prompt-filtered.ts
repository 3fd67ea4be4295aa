import { z } from 'zod';
import { refuse } from '../spoiling/refuse.ts';
import { defineLlmFault } from './define-fault.ts';

/** Azure's content filter on the prompt: 400, with what was found in `innererror`. */
export const promptFiltered = defineLlmFault({
  type: 'prompt-filtered',
  summary: 'The provider\'s content filter refuses the prompt (400)',
  parameters: z.strictObject({}),
  install: () => (call) => {
    const clean = { filtered: false, severity: 'safe' };
    const innererror = { code: 'ResponsibleAIPolicyViolation', content_filter_result: { hate: clean, self_harm: clean, sexual: clean, violence: { filtered: true, severity: 'medium' } } };
    const message = 'The response was filtered due to the prompt triggering the content management policy. Please modify your prompt and retry.';
    return refuse(call, { status: 400, body: { error: { message, type: null, param: 'prompt', code: 'content_filter', status: 400, innererror } } });
  },
});
