import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatProblem, nearest, Problems } from '../../src/core/problems.ts';

describe('problems with what the user gave', () => {
  it('N07 all are kept in their order, each as one line: where, what, how to mend it', () => {
    const problems = new Problems();
    expect(problems.any).toBe(false);
    problems.add('--jobs', 'is 0', 'use a number from 1');
    problems.add('a.yaml:3:7', '"nmae" means nothing here', 'did you mean "name"?');
    expect(problems.any).toBe(true);
    expect(problems.list.map(formatProblem)).toEqual(['--jobs: is 0; use a number from 1', 'a.yaml:3:7: "nmae" means nothing here; did you mean "name"?']);
  });

  it.each([
    ['ordr', 'order'],
    ['ORDER', 'order'],
    ['inventroy', 'inventory'],
    ['zzzzzz', undefined],
    ['', undefined],
  ])('N07 nearest to %j is %j', (typed, expected) => {
    expect(nearest(typed, ['order', 'inventory', 'warehouse'])).toBe(expected);
  });

  it('N07 nearest gives what is known exactly, and only what is known', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.stringMatching(/^[a-z-]{1,12}$/), { minLength: 1, maxLength: 8 }), fc.string({ maxLength: 14 }), (known, typed) => {
        expect(nearest(known[0] as string, known)).toBe(known[0]);
        const near = nearest(typed, known);
        expect(near === undefined || known.includes(near)).toBe(true);
      }),
    );
  });
});
