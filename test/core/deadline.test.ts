import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deadlineAfter, deadlineFromWall } from '../../src/core/deadline.ts';
import { VirtualClock } from '../helpers/virtual-clock.ts';

describe('a deadline', () => {
  it('N07 counts down on the monotonic clock: a wall clock that is stepped moves nothing', async () => {
    const clock = new VirtualClock();
    const deadline = deadlineAfter(clock, 1_000);
    clock.stepWall(3_600_000);
    await clock.advance(400);
    expect(deadline.remainingMs()).toBe(600);
    expect(deadline.expired).toBe(false);
    await clock.advance(600);
    expect(deadline.expired).toBe(true);
    await clock.advance(1);
    expect(deadline.remainingMs()).toBe(0);
  });

  it('N07 within is the sooner of the two, and never later than the first', () => {
    const clock = new VirtualClock();
    fc.assert(
      fc.property(fc.nat(10_000), fc.nat(10_000), (first, second) => {
        expect(deadlineAfter(clock, first).within(second).remainingMs()).toBe(Math.min(first, second));
      }),
    );
  });

  it('N07 comes through a header to another process, less the time it took', async () => {
    const clock = new VirtualClock();
    const header = String(deadlineAfter(clock, 5_000).toWallMs());
    await clock.advance(1_200);
    expect(deadlineFromWall(clock, header)?.remainingMs()).toBe(3_800);
    await clock.advance(10_000);
    expect(deadlineFromWall(clock, header)?.expired).toBe(true);
  });

  it.each([undefined, '', '  ', 'soon', 'NaN', 'Infinity', '1e999'])('N07 a header %j is no deadline', (header) => {
    expect(deadlineFromWall(new VirtualClock(), header)).toBeUndefined();
  });
});
