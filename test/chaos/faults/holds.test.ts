import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Holds } from '../../../src/chaos/faults/holds.ts';

describe('holds', () => {
  it('P02 the effect is there as long as anybody holds it, whatever the order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 30 }), async (steps) => {
        const holds = new Holds();
        let on = false;
        let held = 0;
        let outOfTurn = 0;
        const work: Promise<void>[] = [];
        for (const take of steps) {
          if (take) {
            held += 1;
            work.push(
              holds.take('proxy', async () => {
                if (on) outOfTurn += 1;
                await Promise.resolve();
                on = true;
              }),
            );
          } else if (held > 0) {
            held -= 1;
            work.push(
              holds.release('proxy', async () => {
                if (!on) outOfTurn += 1;
                await Promise.resolve();
                on = false;
              }),
            );
          }
        }
        await Promise.all(work);
        expect({ on, outOfTurn }).toEqual({ on: held > 0, outOfTurn: 0 });
      }),
    );
  });

  it('P02 what cannot be applied is not held, and the next one tries again', async () => {
    const holds = new Holds();
    const done: string[] = [];
    await expect(holds.take('a', async () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await holds.take('a', async () => void done.push('applied'));
    await expect(holds.release('a', async () => Promise.reject(new Error('stuck')))).rejects.toThrow('stuck');
    await holds.take('a', async () => void done.push('applied again'));
    await holds.take('b', async () => void done.push('another key'));
    expect(done).toEqual(['applied', 'applied again', 'another key']);
  });
});
