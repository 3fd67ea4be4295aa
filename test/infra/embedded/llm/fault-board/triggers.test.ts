import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { triggers, triggerSchema, type Trigger } from '../../../../../src/infra/embedded/llm/fault-board/trigger.ts';

function hits(trigger: Trigger, calls: number): number[] {
  return Array.from({ length: calls }, (_, index) => index + 1).filter((number) => triggers(trigger, { number, elapsedMs: 0, draw: () => 0.5 }));
}

describe('triggers', () => {
  it.each<[Trigger, number[]]>([
    [{ always: true }, [1, 2, 3, 4, 5, 6, 7, 8]],
    [{ first: 3 }, [1, 2, 3]],
    [{ nth: 2 }, [2]],
    [{ nth: [2, 5] }, [2, 5]],
    [{ every: 3 }, [3, 6]],
    [{ flapping: { fail: 1, pass: 1 } }, [1, 3, 5, 7]],
    [{ flapping: { fail: 2, pass: 3 } }, [1, 2, 6, 7]],
    [{ probability: 0.6 }, [1, 2, 3, 4, 5, 6, 7, 8]],
    [{ probability: 0.5 }, []],
  ])('P02 %j hits calls %j of 8', (trigger, expected) => {
    expect(hits(trigger, 8)).toEqual(expected);
  });

  it('P02 a window holds from its first moment to just before its last', () => {
    const moments = [99.9, 100, 199.9, 200].map((elapsedMs) => triggers({ window: { from_ms: 100, to_ms: 200 } }, { number: 1, elapsedMs, draw: () => 0 }));
    expect(moments).toEqual([false, true, true, false]);
  });

  it('P02 flapping fails its share of any number of whole rounds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 20 }), (fail, pass, rounds) => {
        expect(hits({ flapping: { fail, pass } }, (fail + pass) * rounds)).toHaveLength(fail * rounds);
      }),
    );
  });

  it.each([{ first: 0 }, { first: 1.5 }, { nth: 0 }, { nth: [] }, { every: -1 }, { probability: 1.1 }, { flapping: { fail: 1 } }, { window: { from_ms: 1 } }, { window: 5 }, { always: false }, { sometimes: true }])('N07 %j is no trigger', (trigger) => {
    expect(triggerSchema.safeParse(trigger).success).toBe(false);
  });
});
