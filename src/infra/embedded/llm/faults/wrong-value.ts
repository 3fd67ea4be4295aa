import { z } from 'zod';
import type { Rng } from '../../../../core/rng.ts';
import { editAnswer } from '../spoiling/edit-answer.ts';
import { defineLlmFault } from './define-fault.ts';

/** Numbers as people write them: 1,234,567.89 or 12.5. */
const figures = /\d[\d.,\u00a0\u202f]*\d|\d/g;

/** The right shape with a wrong figure in it: nothing but knowledge of the facts can tell. */
export const wrongValue = defineLlmFault({
  type: 'wrong-value',
  summary: 'A figure in the answer is wrong, all else is right',
  parameters: z.strictObject({ figures: z.int().min(1).default(1).describe('How many are changed, where there are as many') }),
  install:
    ({ figures: wanted }) =>
    async (call, model) =>
      editAnswer(call, await model(call), ({ content }) => {
        const changed = falsify(content, wanted, call.rng);
        return changed === content ? undefined : { content: changed };
      }),
});

/** Changes the first digit of some of the longest numbers, so that what comes out is far off and of the same shape. */
function falsify(text: string, wanted: number, rng: Rng): string {
  const found = [...text.matchAll(figures)].map((match) => ({ at: match.index, length: match[0].length, draw: rng.next() }));
  const longest = found.toSorted((left, right) => Math.min(right.length, 4) - Math.min(left.length, 4) || left.draw - right.draw).slice(0, wanted);
  const digits = text.split('');
  // 1→4 … 6→9, 7→1, 8→2, 9→3, 0→3: never a leading zero, which JSON forbids.
  for (const { at } of longest) digits[at] = String(((Number(digits[at]) + 2) % 9) + 1);
  return digits.join('');
}
