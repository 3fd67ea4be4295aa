import { getEventListeners } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { MAX_TIMER_DELAY_MS, systemClock } from '../../src/core/clock.ts';
import { VirtualClock } from '../helpers/virtual-clock.ts';

describe('the clock', () => {
  it('N07 a delay above 2^31-1 ms is waited for in steps; Node alone would fire it at once', () => {
    vi.useFakeTimers();
    try {
      let fired = 0;
      const beyond = 5_000;
      systemClock.setTimer(MAX_TIMER_DELAY_MS + beyond, () => fired++);
      vi.advanceTimersByTime(MAX_TIMER_DELAY_MS);
      expect(fired).toBe(0);
      vi.advanceTimersByTime(beyond - 1);
      expect(fired).toBe(0);
      vi.advanceTimersByTime(1);
      expect(fired).toBe(1);
    } finally {
      vi.useRealTimers();
    }
  });

  it('N07 a delay of Infinity never fires, and can be cancelled', () => {
    vi.useFakeTimers();
    try {
      let fired = 0;
      const cancel = systemClock.setTimer(Number.POSITIVE_INFINITY, () => fired++);
      vi.advanceTimersByTime(5 * MAX_TIMER_DELAY_MS);
      expect(fired).toBe(0);
      cancel();
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('N07 a timer cancelled in its second step does not fire, and leaves nothing behind', () => {
    vi.useFakeTimers();
    try {
      let fired = 0;
      const cancel = systemClock.setTimer(2 * MAX_TIMER_DELAY_MS, () => fired++);
      vi.advanceTimersByTime(MAX_TIMER_DELAY_MS + 1);
      cancel();
      cancel();
      expect(vi.getTimerCount()).toBe(0);
      vi.advanceTimersByTime(2 * MAX_TIMER_DELAY_MS);
      expect(fired).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it.each([0, -5, Number.NEGATIVE_INFINITY])('N07 a delay of %s fires in the next turn, never synchronously', async (delayMs) => {
    let fired = false;
    const waiting = new Promise<void>((resolve) => {
      systemClock.setTimer(delayMs, () => {
        fired = true;
        resolve();
      });
    });
    expect(fired).toBe(false);
    await waiting;
  });

  it.each([
    ['real', () => systemClock],
    ['virtual', () => new VirtualClock()],
  ] as const)('N07 an aborted sleep of the %s clock rejects with the reason and leaves neither timer nor listener', async (_name, make) => {
    const clock = make();
    const controller = new AbortController();
    const reason = new Error('the caller went home');
    const sleeping = clock.sleep(60_000, controller.signal);
    controller.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
    expect(clock instanceof VirtualClock ? clock.pendingTimers : 0).toBe(0);
    await expect(clock.sleep(60_000, controller.signal)).rejects.toBe(reason);
  });

  it('N07 a sleep that ends leaves no listener on a signal that lives on', async () => {
    const controller = new AbortController();
    for (let turn = 0; turn < 20; turn++) await systemClock.sleep(0, controller.signal);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });
});
