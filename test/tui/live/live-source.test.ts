import { describe, expect, it, vi } from 'vitest';
import type { JournalFact } from '../../../src/journal/events.ts';
import { LiveSource, type LiveControls } from '../../../src/tui/live/live-source.ts';
import { VirtualClock } from '../../helpers/virtual-clock.ts';
import { journalOf } from '../journal-of.ts';

const started: JournalFact = { type: 'run.started', command: 'chaos', seed: '1', provider: 'embedded', control: false, versions: {}, machine: { platform: 'linux', cpus: 2, memory_mb: 1 }, jobs: 2 };
const finished: JournalFact = { type: 'run.finished', verdict: 'pass', duration_ms: 1 };

function live(labels: readonly string[] = ['']): { clock: VirtualClock; source: LiveSource; tell: (atMs: number, fact: JournalFact, label?: string) => Promise<void> } {
  const clock = new VirtualClock();
  const source = new LiveSource({ clock, labels });
  let seq = 0;
  return {
    clock,
    source,
    tell: async (atMs, fact, label = labels[0] ?? '') => {
      await clock.advance(Math.max(0, atMs - clock.monotonicMs()));
      const [event] = journalOf([[atMs, fact]]);
      if (event !== undefined) source.onEvent(label, { ...event, seq: (seq += 1) });
    },
  };
}

function controlsThat(given: Partial<LiveControls>): LiveControls {
  return { choices: [], inject: () => Promise.resolve('latency-redis-user-1'), heal: () => Promise.resolve(), healAll: () => Promise.resolve(), ...given };
}

describe('runs under way as frames', () => {
  it('P03 a frame shows what has happened, at the instant of the run that it is', async () => {
    const { clock, source, tell } = live();
    await tell(100, started);
    await clock.advance(250);
    expect(source.frame()).toMatchObject({ nowMs: 349.8, state: { seq: 1, header: { runId: 'r-1' } } });
    expect(source.frame().runs).toBeUndefined();
  });

  it('P03 the clock stands still where the run has ended', async () => {
    const { clock, source, tell } = live();
    await tell(100, started);
    expect(source.moves).toBe(true);
    await tell(5_000, finished);
    await clock.advance(60_000);
    expect(source.frame().nowMs).toBe(5_000);
    expect(source.moves).toBe(false);
  });

  it('P03 a paused frame stands still, and catches up with everything afterwards', async () => {
    const { clock, source, tell } = live();
    await tell(100, started);
    void source.act({ kind: 'pause' });
    await tell(900, { type: 'job.submitted', job: 'job-1', job_id: 'r-1-job-1', user_id: 'u', question: 'q' });
    await clock.advance(1_000);
    expect(source.frame()).toMatchObject({ nowMs: 100, state: { seq: 1 } });
    expect(source.moves).toBe(false);
    void source.act({ kind: 'pause' });
    expect(source.frame()).toMatchObject({ nowMs: 1_899.8, state: { seq: 2, counts: { submitted: 1 } } });
  });

  it('P03 of several runs the one under way is shown, unless another was asked for', async () => {
    const { source, tell } = live(['redis-drop', 'kafka-delay', 'llm-timeout']);
    await tell(0, started, 'kafka-delay');
    expect(source.frame().runs).toEqual({ shown: 1, tabs: [{ label: 'redis-drop', status: 'waiting' }, { label: 'kafka-delay', status: 'running' }, { label: 'llm-timeout', status: 'waiting' }] });
    await tell(10, finished, 'kafka-delay');
    await tell(20, started, 'llm-timeout');
    expect(source.frame().runs?.shown).toBe(2);
    void source.act({ kind: 'show-run', step: -1 });
    await tell(30, started, 'redis-drop');
    expect(source.frame().runs).toMatchObject({ shown: 1, tabs: [{ status: 'running' }, { status: 'pass' }, { status: 'running' }] });
    for (let step = 0; step < 5; step += 1) void source.act({ kind: 'show-run', step: -1 });
    expect(source.frame().runs?.shown).toBe(0);
  });

  it('P03 whoever listens hears of what is shown, and no more once it stops listening', async () => {
    const { source, tell } = live(['a', 'b']);
    const heard = vi.fn<() => void>();
    const stop = source.onChange(heard);
    await tell(0, started, 'a');
    await tell(1, { type: 'infra.ready', duration_ms: 1 }, 'a');
    await tell(2, { type: 'infra.ready', duration_ms: 1 }, 'b');
    expect(heard).toHaveBeenCalledTimes(2);
    stop();
    await tell(3, finished, 'a');
    expect(heard).toHaveBeenCalledTimes(2);
  });

  it('P03 a fault is asked for only while the run can take it, and what came of it is told', async () => {
    const { source, tell } = live();
    const request = { type: 'latency', target: 'redis', parameters: {}, length: '' };
    await tell(0, started);
    expect(await source.act({ kind: 'inject', request })).toMatchObject({ tone: 'bad' });
    source.setControls('', controlsThat({ choices: [{ type: 'latency', family: 'network', summary: 's', targets: ['redis'], momentary: false, parameters: [] }], heal: () => Promise.reject(new Error('no fault "x" is at work')) }));
    expect(source.frame().choices).toHaveLength(1);
    expect(await source.act({ kind: 'inject', request })).toEqual({ tone: 'plain', text: 'latency-redis-user-1 is at work' });
    expect(await source.act({ kind: 'heal', fault: 'x' })).toEqual({ tone: 'bad', text: 'no fault "x" is at work' });
    await tell(10, finished);
    expect(source.frame().choices).toEqual([]);
    expect(await source.act({ kind: 'heal-all' })).toMatchObject({ tone: 'bad' });
  });
});
