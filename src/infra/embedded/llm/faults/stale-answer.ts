import { z } from 'zod';
import { editAnswer } from '../spoiling/edit-answer.ts';
import { defineLlmFault } from './define-fault.ts';

/** The first answer that it sees is given to every later question, as by a cache with too short a key: right shape, another question, perhaps another user's. */
export const staleAnswer = defineLlmFault({
  type: 'stale-answer',
  summary: 'A question gets the answer to an earlier one',
  parameters: z.strictObject({}),
  install() {
    let first: string | undefined;
    return async (call, model) =>
      editAnswer(call, await model(call), ({ content }) => {
        const stale = (first ??= content);
        return stale === content ? undefined : { content: stale };
      });
  },
});
