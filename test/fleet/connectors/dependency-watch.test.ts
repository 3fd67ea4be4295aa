import { describe, expect, it } from 'vitest';
import { DependencyWatch } from '../../../src/fleet/connectors/dependency-watch.ts';
import { VirtualClock } from '../../helpers/virtual-clock.ts';
import { createHarness } from './connector-harness.ts';

function watched(options: { failuresToDown?: number } = {}) {
  const clock = new VirtualClock();
  const probes: { at: number; signal: AbortSignal }[] = [];
  let answer: ((signal: AbortSignal) => Promise<void>) | undefined;
  const watch = new DependencyWatch({
    clock,
    logger: createHarness().logger,
    name: 'thing',
    probe: async (signal) => {
      probes.push({ at: clock.monotonicMs(), signal });
      await answer?.(signal);
    },
    probeTimeoutMs: 400,
    upIntervalMs: 1_000,
    downIntervalMs: 200,
    ...options,
  });
  const states: boolean[] = [];
  watch.onStateChange(({ up }) => states.push(up));
  return {
    clock,
    watch,
    probes,
    states,
    answerWith: (next: (signal: AbortSignal) => Promise<void>) => {
      answer = next;
    },
  };
}

const gone = async (): Promise<void> => {
  throw new Error('connection refused');
};

describe('DependencyWatch', () => {
  it('N06 counts as up until two probes in a row have failed, asks more often while down, and comes back by itself', async () => {
    const { clock, watch, probes, states, answerWith } = watched();
    watch.start();
    await clock.advance(2_500);
    expect(probes.map(({ at }) => at)).toEqual([0, 1_000, 2_000]);
    answerWith(gone);
    await clock.advance(500);
    expect(watch.state.up).toBe(true);
    await clock.advance(100);
    expect(watch.state).toMatchObject({ up: false, reason: 'connection refused' });
    probes.length = 0;
    await clock.advance(600);
    expect(probes).toHaveLength(3);
    answerWith(async () => undefined);
    await clock.advance(200);
    expect(states).toEqual([false, true]);
    watch.close();
  });

  it('N07 a probe that never answers is aborted at its timeout and counts as failed', async () => {
    const { clock, watch, probes, answerWith } = watched();
    answerWith(() => new Promise(() => undefined));
    watch.start();
    await clock.advance(400);
    expect(probes[0]?.signal.aborted).toBe(true);
    await clock.advance(500);
    expect(watch.state).toMatchObject({ up: false, reason: 'thing gave no answer within 400 ms' });
    watch.close();
  });

  it('N06 a nudge probes at once, and once more where a probe is under way; never two at a time', async () => {
    const { clock, watch, probes, answerWith } = watched();
    let running = 0;
    let most = 0;
    answerWith(async (signal) => {
      most = Math.max(most, ++running);
      await clock.sleep(50, signal);
      running--;
    });
    watch.nudge();
    expect(probes).toHaveLength(0);
    watch.start();
    watch.nudge();
    watch.nudge();
    await clock.advance(400);
    expect(probes.map(({ at }) => at)).toEqual([0, 150]);
    watch.nudge();
    await clock.advance(10);
    expect(probes.map(({ at }) => at)).toEqual([0, 150, 400]);
    expect(most).toBe(1);
    watch.close();
  });

  it('F12 closed, it probes no more, aborts what is under way, and keeps its state', async () => {
    const { clock, watch, probes, states, answerWith } = watched();
    answerWith(() => new Promise(() => undefined));
    watch.start();
    await clock.advance(10);
    watch.close();
    expect(probes[0]?.signal.aborted).toBe(true);
    watch.down('too late');
    watch.nudge();
    await clock.advance(10_000);
    expect(probes).toHaveLength(1);
    expect(states).toEqual([]);
  });
});
