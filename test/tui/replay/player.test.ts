import { describe, expect, it } from 'vitest';
import type { JournalEvent, JournalFact } from '../../../src/journal/events.ts';
import { PlayedJournal } from '../../../src/tui/replay/played-journal.ts';
import { Player, type PlayerOptions } from '../../../src/tui/replay/player.ts';
import { speeds } from '../../../src/tui/replay/speeds.ts';
import type { PlayerBar } from '../../../src/tui/ui/screen-props.ts';
import type { PlayerCommand } from '../../../src/tui/ui/ui-state.ts';
import { longJournal } from '../../helpers/long-journal.ts';
import { VirtualClock } from '../../helpers/virtual-clock.ts';
import { journalOf } from '../journal-of.ts';

type TimedFact = readonly [atMs: number, fact: JournalFact];
const submitted = (job: string, atMs: number): TimedFact => [atMs, { type: 'job.submitted', job, job_id: job, user_id: 'u', question: 'q' }];
const refused = (job: string, atMs: number): TimedFact => [atMs, { type: 'job.refused', job, job_id: job, code: 'X', message: 'no' }];
const injected: JournalFact = { type: 'fault.injected', fault: 'f', fault_type: 'down', target: 'redis', parameters: {}, occurrence: 1 };

/** Twenty seconds: two events at one instant, a fault, failures at 8 s, 8 s again and 15 s. */
const events = journalOf([submitted('a', 1_000), submitted('b', 1_000), submitted('c', 4_000), [7_000, injected], refused('a', 8_000), refused('b', 8_000), refused('c', 15_000), submitted('d', 20_000)]);

function played(options: Partial<Omit<PlayerOptions, 'clock'>> = {}, recorded: readonly JournalEvent[] = events) {
  const clock = new VirtualClock();
  const player = new Player({ journal: new PlayedJournal(recorded), clock, ...options });
  const bar = (): PlayerBar => player.frame().player as PlayerBar;
  const shown = (): unknown => [bar().positionMs, bar().seq, bar().playing];
  const told = async (command: PlayerCommand): Promise<string | undefined> => (await player.act({ kind: 'player', command }))?.text;
  const press = (command: PlayerCommand): void => void told(command);
  return { clock, player, bar, shown, told, press, [Symbol.dispose]: () => player.close() };
}

describe('the player', () => {
  it('P03 plays in real time from the beginning, and stops at the end', async () => {
    using show = played();
    const seen: unknown[] = [show.shown()];
    for (const byMs of [999, 1, 3_500, 14_500, 1_000, 5_000]) {
      await show.clock.advance(byMs);
      seen.push(show.shown());
    }
    expect(seen).toEqual([[0, 0, true], [999, 0, true], [1_000, 2, true], [4_500, 3, true], [19_000, 7, true], [20_000, 8, false], [20_000, 8, false]]);
    expect(show.player.frame().state.seq).toBe(8);
    expect(show.clock.pendingTimers).toBe(0);
  });

  it('P03 pauses where it is, and goes on from there', async () => {
    using show = played();
    await show.clock.advance(2_000);
    show.press('toggle');
    await show.clock.advance(60_000);
    expect(show.shown()).toEqual([2_000, 2, false]);
    show.press('toggle');
    await show.clock.advance(2_500);
    expect(show.shown()).toEqual([4_500, 3, true]);
    show.press('toggle');
    await show.clock.advance(2_500);
    expect(show.shown()).toEqual([4_500, 3, false]);
  });

  it('P03 played on from the end, it begins again', async () => {
    using show = played({ fromMs: 19_000 });
    await show.clock.advance(5_000);
    show.press('toggle');
    await show.clock.advance(4_000);
    expect(show.shown()).toEqual([4_000, 3, true]);
  });

  it.each(speeds)('P03 at speed %f a second shows as many seconds of the run', async (speed) => {
    using show = played({ speed });
    await show.clock.advance(500);
    expect(show.bar()).toMatchObject({ positionMs: 500 * speed, speed });
  });

  it('P03 a change of speed goes on from the same instant, and ends at both ends', async () => {
    using show = played();
    await show.clock.advance(1_000);
    show.press('faster');
    await show.clock.advance(1_000);
    expect(show.bar()).toMatchObject({ positionMs: 3_000, speed: 2 });
    for (let press = 0; press < 10; press++) show.press('slower');
    await show.clock.advance(1_000);
    expect(show.bar()).toMatchObject({ positionMs: 3_250, speed: 0.25 });
    for (let press = 0; press < 10; press++) show.press('faster');
    expect(show.bar()).toMatchObject({ positionMs: 3_250, speed: 32 });
  });

  it('P03 steps show each event by itself, those of one instant too, and pause', async () => {
    using show = played();
    await show.clock.advance(500);
    const forward: unknown[] = [];
    for (let press = 0; press < 9; press++) {
      show.press('step');
      forward.push(show.shown());
    }
    expect(forward).toEqual([[1_000, 1, false], [1_000, 2, false], [4_000, 3, false], [7_000, 4, false], [8_000, 5, false], [8_000, 6, false], [15_000, 7, false], [20_000, 8, false], [20_000, 8, false]]);
    const back: unknown[] = [];
    for (let press = 0; press < 9; press++) {
      show.press('step-back');
      back.push(show.shown());
      expect(show.player.frame().state.seq).toBe(show.bar().seq);
    }
    expect(back).toEqual([[15_000, 7, false], [8_000, 6, false], [8_000, 5, false], [7_000, 4, false], [4_000, 3, false], [1_000, 2, false], [1_000, 1, false], [0, 0, false], [0, 0, false]]);
  });

  it('P03 scrubs by five seconds of the run, whatever the speed, playing or not', async () => {
    using show = played({ speed: 4 });
    await show.clock.advance(1_000);
    show.press('forward');
    expect(show.shown()).toEqual([9_000, 6, true]);
    show.press('toggle');
    for (const [command, expected] of [['back', [4_000, 3, false]], ['back', [0, 0, false]], ['end', [20_000, 8, false]], ['back', [15_000, 7, false]], ['forward', [20_000, 8, false]], ['start', [0, 0, false]]] as const) {
      show.press(command);
      expect(show.shown()).toEqual(expected);
    }
  });

  it('P03 goes to the next failure and the one before, pauses there, and says where there is none', async () => {
    using show = played();
    const jumps: unknown[] = [];
    for (const command of ['next-failure', 'next-failure', 'next-failure', 'next-failure', 'previous-failure', 'previous-failure', 'previous-failure'] as const) {
      const notice = await show.told(command);
      jumps.push([show.bar().seq, show.bar().playing, notice]);
    }
    expect(jumps).toEqual([
      [5, false, undefined],
      [6, false, undefined],
      [7, false, undefined],
      [7, false, 'nothing fails after this'],
      [6, false, undefined],
      [5, false, undefined],
      [5, false, 'nothing failed before this'],
    ]);
  });

  it('P03 begins where and how it is told to', async () => {
    using show = played({ fromMs: 7_500, paused: true });
    await show.clock.advance(1_000);
    expect(show.shown()).toEqual([7_500, 4, false]);
    show.press('toggle');
    await show.clock.advance(500);
    expect(show.shown()).toEqual([8_000, 6, true]);
    using beyond = played({ fromMs: 60_000 });
    expect(beyond.shown()).toEqual([20_000, 8, false]);
  });

  it('P03 asks for a frame as each event comes, once a second of the run between them, and at most 15 times a second', async () => {
    using show = played();
    const frames: number[] = [];
    show.player.onChange(() => frames.push(show.bar().positionMs));
    await show.clock.advance(5_000);
    expect(frames).toEqual([1_000, 2_000, 3_000, 4_000, 5_000]);
    for (let press = 0; press < 5; press++) show.press('faster');
    show.press('start');
    show.press('toggle');
    frames.length = 0;
    show.press('toggle');
    await show.clock.advance(600);
    expect(frames.length).toBeGreaterThan(5);
    expect(frames.length).toBeLessThanOrEqual(11);
  });

  it('P03 each key that changes something asks for a frame; paused, nothing else does', async () => {
    using show = played({ paused: true });
    let frames = 0;
    show.player.onChange(() => (frames += 1));
    await show.clock.advance(60_000);
    expect(frames).toBe(0);
    show.press('step');
    expect(frames).toBe(1);
    void show.player.act({ kind: 'heal-all' });
    expect(frames).toBe(1);
  });

  it('P03 leaves no timer behind, wherever it is closed', async () => {
    const show = played();
    await show.clock.advance(1_500);
    show.player.close();
    expect(show.clock.pendingTimers).toBe(0);
    const early = played();
    early.player.close();
    expect(early.clock.pendingTimers).toBe(0);
  });

  it('P03 the bar has the length, how many events there are, and marks for faults and failures in order', () => {
    using show = played();
    expect(show.bar()).toMatchObject({ lengthMs: 20_000, events: 8, marks: [{ atMs: 7_000, kind: 'fault' }, { atMs: 8_000, kind: 'failure' }, { atMs: 15_000, kind: 'failure' }] });
    expect(show.player.frame().choices).toEqual([]);
  });

  it('P03 has no more marks than a bar can show, the first of each place', () => {
    const many = journalOf(Array.from({ length: 20_000 }, (_, index) => (index % 2 === 0 ? refused('a', index) : ([index, injected] as const))));
    const { marks } = played({ paused: true }, many).bar();
    expect(marks.length).toBeGreaterThan(700);
    expect(marks.length).toBeLessThanOrEqual(800);
    expect(marks.map(({ atMs }) => atMs)).toEqual(marks.map(({ atMs }) => atMs).toSorted((a, b) => a - b));
    expect(marks[0]).toEqual({ atMs: 0, kind: 'failure' });
  });

  it('P03 an event that lacks what its type demands stops nothing', async () => {
    const broken = longJournal(3_000).map((event) => (event.seq === 1_000 ? { ...event, type: 'checkpoint.resumed', host: 'h', sections: undefined } : event)) as JournalEvent[];
    using show = played({ paused: true }, broken);
    await show.clock.advance(1_000);
    expect(show.clock.pendingTimers).toBe(0);
    expect(show.player.frame().state.seq).toBe(0);
    show.press('end');
    expect(show.player.frame().state.seq).toBe(3_000);
  });

  it('P03 a journal without events is shown as its beginning, and nothing can be played', async () => {
    using show = played({}, []);
    for (const command of ['toggle', 'step', 'step-back', 'forward', 'back', 'end', 'start', 'next-failure', 'faster'] as const) await show.told(command);
    await show.clock.advance(1_000);
    expect(show.shown()).toEqual([0, 0, false]);
    expect(show.bar()).toMatchObject({ lengthMs: 0, events: 0, marks: [] });
  });
});
