import { describe, expect, it } from 'vitest';
import { GuardrailWatch } from '../../../src/chaos/engine/guardrail-watch.ts';
import type { JournalEvent } from '../../../src/journal/events.ts';
import { VirtualClock } from '../../helpers/virtual-clock.ts';

function bench(lastsMs = 1_000, atLeast = 3) {
  const clock = new VirtualClock();
  const trips: string[] = [];
  const watch = new GuardrailWatch([{ kind: 'level', atLeast, lastsMs }], clock, (guardrail, detail) => trips.push(`${guardrail}@${clock.monotonicMs()}: ${detail}`));
  const level = (host: string, to: number): void => watch.onEvent({ type: 'level.changed', host, from: 0, to, reason: '' } as unknown as JournalEvent);
  return { clock, trips, watch, level };
}

describe('guardrails', () => {
  it('P02 trips once a level has lasted, and only once', async () => {
    const { clock, trips, level } = bench();
    level('control-1', 3);
    await clock.advance(999);
    expect(trips).toEqual([]);
    level('control-1', 4);
    await clock.advance(1);
    expect(trips).toEqual(['level-3@1000: level 3 or worse has lasted 1000 ms: control-1 at 4']);
    level('reporting-1', 4);
    await clock.advance(5_000);
    expect(trips).toHaveLength(1);
  });

  it('P02 a break begins it anew; another host takes over without one', async () => {
    const { clock, trips, level } = bench();
    level('control-1', 3);
    await clock.advance(900);
    level('control-1', 0);
    level('control-1', 3);
    await clock.advance(900);
    expect(trips).toEqual([]);
    level('reporting-1', 4);
    level('control-1', 0);
    await clock.advance(100);
    expect(trips).toHaveLength(1);
  });

  it('P02 a lower level does not count, and a host that has ended has none', async () => {
    const { clock, trips, watch, level } = bench();
    level('control-1', 2);
    level('reporting-1', 4);
    watch.onEvent({ type: 'host.exited', host: 'reporting-1' } as JournalEvent);
    await clock.advance(5_000);
    expect(trips).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('P02 leaves no timer behind when it is closed', async () => {
    const { clock, trips, watch, level } = bench();
    level('control-1', 4);
    watch.close();
    expect(clock.pendingTimers).toBe(0);
    await clock.advance(5_000);
    expect(trips).toEqual([]);
  });
});
