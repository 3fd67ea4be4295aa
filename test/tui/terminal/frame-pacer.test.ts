import { describe, expect, it } from 'vitest';
import { FramePacer } from '../../../src/tui/terminal/frame-pacer.ts';
import { VirtualClock } from '../../helpers/virtual-clock.ts';

function pacedBy({ costMs = 0, moving = false } = {}): { clock: VirtualClock; pacer: FramePacer; paintedAtMs: number[] } {
  const clock = new VirtualClock();
  const paintedAtMs: number[] = [];
  let spentMs = 0;
  const pacer = new FramePacer({
    clock,
    isMoving: () => moving,
    workedMs: () => spentMs,
    paint: () => {
      paintedAtMs.push(clock.monotonicMs());
      spentMs += costMs;
    },
  });
  return { clock, pacer, paintedAtMs };
}

describe('pace of frames', () => {
  it('P03 what comes in a burst goes into one frame, at once', async () => {
    const { clock, pacer, paintedAtMs } = pacedBy();
    for (let event = 0; event < 100; event += 1) pacer.request();
    await clock.advance(10_000);
    expect(paintedAtMs).toEqual([0]);
  });

  it('P03 at most 15 frames a second, however many events there are', async () => {
    const { clock, pacer, paintedAtMs } = pacedBy();
    for (let event = 0; event < 1_000; event += 1) {
      pacer.request();
      await clock.advance(10);
    }
    expect(paintedAtMs.length).toBeGreaterThan(9 * 15);
    expect(paintedAtMs.length).toBeLessThanOrEqual(10 * 15 + 1);
  });

  it('P03 a frame that is slow to paint is painted less often: a twelfth of a core at most', async () => {
    const { clock, pacer, paintedAtMs } = pacedBy({ costMs: 30 });
    for (let event = 0; event < 1_000; event += 1) {
      pacer.request();
      await clock.advance(10);
    }
    expect(paintedAtMs.length * 30).toBeLessThanOrEqual(10_000 / 12 + 30);
    expect(paintedAtMs.length).toBeGreaterThan(20);
  });

  it('P03 where nothing changes, once a second while clocks run, and never otherwise', async () => {
    const still = pacedBy();
    const moving = pacedBy({ moving: true });
    for (const { clock, pacer } of [still, moving]) {
      pacer.request();
      await clock.advance(9_500);
    }
    expect(still.paintedAtMs).toHaveLength(1);
    expect(moving.paintedAtMs).toHaveLength(10);
  });

  it('P03 nothing is painted once it was stopped', async () => {
    const { clock, pacer, paintedAtMs } = pacedBy({ moving: true });
    pacer.request();
    pacer.stop();
    pacer.request();
    await clock.advance(5_000);
    expect(paintedAtMs).toEqual([]);
  });
});
