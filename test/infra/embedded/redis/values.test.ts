import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { matchesGlob } from '../../../../src/infra/embedded/redis/glob.ts';
import { ListValue } from '../../../../src/infra/embedded/redis/values/list.ts';
import { SortedSet } from '../../../../src/infra/embedded/redis/values/sorted-set.ts';

const SEED = 20_261_120;

test('P01 a list behaves like an array at both ends and in the middle, through every growth and wrap', () => {
  const step = fc.constantFrom('pushLeft', 'pushRight', 'popLeft', 'popRight', 'assign');
  const steppers: Record<'pushLeft' | 'pushRight' | 'popLeft' | 'popRight' | 'assign', (list: ListValue, model: string[], item: string) => [unknown, unknown]> = {
    pushLeft: (list, model, item) => [list.pushLeft(item) ?? list.length, model.unshift(item)],
    pushRight: (list, model, item) => [list.pushRight(item) ?? list.length, model.push(item)],
    popLeft: (list, model) => [list.popLeft(), model.shift()],
    popRight: (list, model) => [list.popRight(), model.pop()],
    assign: (list, model, item) => [list.assign([...model, item]) ?? list.length, model.push(item)],
  };
  fc.assert(
    fc.property(fc.array(fc.tuple(step, fc.string()), { maxLength: 200, size: 'max' }), (steps) => {
      const list = new ListValue();
      const model: string[] = [];
      for (const [operation, item] of steps) {
        const [actual, expected] = steppers[operation](list, model, item);
        expect(actual).toBe(expected);
        expect(list.slice()).toEqual(model);
        expect([list.length, list.at(0), list.at(model.length - 1), list.at(model.length), list.at(-1)]).toEqual([model.length, model[0], model.at(-1), undefined, undefined]);
      }
    }),
    { seed: SEED },
  );
});

test('P01 a sorted set is ordered by score, then bytes, and every rank and range agrees with that order', () => {
  const member = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h');
  const score = fc.integer({ min: -3, max: 3 });
  fc.assert(
    fc.property(fc.array(fc.tuple(member, fc.option(score)), { maxLength: 80 }), score, score, fc.boolean(), fc.boolean(), (steps, min, max, minExclusive, maxExclusive) => {
      const sortedSet = new SortedSet();
      const model = new Map<string, number>();
      for (const [name, value] of steps) {
        const removed = value === null ? [sortedSet.delete(name), model.delete(name)] : [true, true];
        expect(removed[0]).toBe(removed[1]);
        if (value === null) continue;
        sortedSet.set(name, value);
        model.set(name, value);
      }
      const ordered = [...model].toSorted(([left, a], [right, b]) => a - b || (left < right ? -1 : 1));
      expect(sortedSet.members().map((entry) => [entry.member, entry.score])).toEqual(ordered);
      for (const [rank, [name]] of ordered.entries()) expect(sortedSet.rank(name)).toBe(rank);
      const [first, end] = sortedSet.positionsByScore({ min, max, minExclusive, maxExclusive });
      const within = ordered.filter(([, value]) => (minExclusive ? value > min : value >= min) && (maxExclusive ? value < max : value <= max));
      expect(sortedSet.slice(first, Math.max(first, end)).map((entry) => entry.member)).toEqual(within.map(([name]) => name));
    }),
    { seed: SEED },
  );
});

test('P01 no glob pattern takes more than a moment', () => {
  const text = 'a'.repeat(20_000);
  const started = process.cpuUsage();
  expect(matchesGlob(`${'a*'.repeat(30)}b`, text)).toBe(false);
  expect(matchesGlob(`${'*'.repeat(5000)}b`, text)).toBe(false);
  expect(process.cpuUsage(started).user).toBeLessThan(2_000_000);
});
