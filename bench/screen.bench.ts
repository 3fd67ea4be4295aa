import { Chalk } from 'chalk';
import { systemClock } from '../src/core/clock.ts';
import type { JournalEvent, JournalFact } from '../src/journal/events.ts';
import { applyEvent } from '../src/tui/model/apply-event.ts';
import { newScreenState } from '../src/tui/model/new-state.ts';
import { LiveSource } from '../src/tui/live/live-source.ts';
import type * as screenModule from '../src/tui/terminal/mount.tsx';
import type { Benchmark } from './bench.ts';
import { BusyRun } from './screen/busy-run.ts';
import { fakeTerminal } from '../test/helpers/fake-terminal.ts';

const columns = 120;
const rows = 40;
const jobsPerSecond = 50;
const measuredMs = 10_000;
const warmUpMs = 3_000;

/** Node strips types, not JSX: what is drawn comes from the build. */
async function mounting(): Promise<typeof screenModule> {
  process.env.NODE_ENV = 'production';
  const built: string = '../dist/tui/terminal/mount.js';
  return (await import(built)) as typeof screenModule;
}

/** What the screen costs beside the same run without one, in one process and one after the other. */
export const benchmark: Benchmark = {
  name: 'screen',
  summary: `what the screen costs at ${columns}×${rows} with 20 agents, 4 hosts and ${jobsPerSecond} jobs a second, and when nothing happens`,
  async run() {
    const { mountScreen } = await mounting();
    const { stdin, stdout, written } = fakeTerminal(columns, rows);
    const run = new BusyRun();
    const source = new LiveSource({ clock: systemClock, labels: [''] });
    const startedAtMs = performance.now();
    const told: { seq: number; atMs: number }[] = [];
    const waitedMs: number[] = [];
    let frames = 0;
    let onEvent = (event: JournalEvent): void => source.onEvent('', event);
    const tell = (fact: JournalFact): void => {
      const atMs = performance.now();
      const event = run.event(fact, atMs - startedAtMs);
      told.push({ seq: event.seq, atMs });
      onEvent(event);
    };
    for (const fact of run.beginning()) tell(fact);

    const plain = newScreenState();
    const withScreen = onEvent;
    onEvent = (event) => applyEvent(plain, event);
    await work(run, tell, warmUpMs);
    const without = await costOf(() => work(run, tell, measuredMs));
    const idleWithout = await costOf(() => systemClock.sleep(measuredMs));
    onEvent = withScreen;
    told.length = 0;
    const screen = mountScreen({
      source,
      clock: systemClock,
      stdin,
      stdout,
      paint: new Chalk({ level: 1 }),
      onQuit: () => undefined,
      onInterrupt: () => undefined,
      onFailure: (error) => {
        throw error;
      },
      onPaint: ({ state }) => {
        frames += 1;
        const atMs = performance.now();
        const seen = told.findIndex(({ seq }) => seq > state.seq);
        for (const { atMs: toldAtMs } of told.splice(0, seen === -1 ? told.length : seen)) waitedMs.push(atMs - toldAtMs);
      },
    });
    await work(run, tell, warmUpMs);
    frames = 0;
    waitedMs.length = 0;
    const busyBytes = written().length;
    const busy = await costOf(() => work(run, tell, measuredMs));
    const busyFrames = frames;
    const bytes = written().length - busyBytes;
    await systemClock.sleep(1_000);
    frames = 0;
    const idle = await costOf(() => systemClock.sleep(measuredMs));
    const idleFrames = frames;
    screen.close();
    waitedMs.sort((left, right) => left - right);
    return {
      name: 'screen',
      rows: [
        { label: 'screen, busy, share of a core', value: percent(busy - without), unit: '%', bar: { max: 10 }, note: 'beside the same fold without a screen' },
        { label: 'screen, nothing changes, share of a core', value: percent(idle - idleWithout), unit: '%', bar: { max: 2 }, note: `${idleFrames} frames` },
        { label: 'event to paint, 95th percentile', value: round(waitedMs[Math.floor(waitedMs.length * 0.95)] ?? Number.NaN), unit: 'ms', bar: { max: 100 }, note: `${waitedMs.length} events` },
        { label: 'frames a second, busy', value: round((busyFrames * 1_000) / measuredMs), unit: '1/s', bar: { max: 15 } },
        { label: 'written to the terminal, characters', value: round(bytes / 1_024 / (measuredMs / 1_000)), unit: '1024/s' },
        { label: 'the fold and what makes its events, share of a core', value: percent(without), unit: '%' },
      ],
    };
  },
};

async function work(run: BusyRun, tell: (fact: JournalFact) => void, lengthMs: number): Promise<void> {
  const untilMs = performance.now() + lengthMs;
  for (let secondAtMs = performance.now(); performance.now() < untilMs; ) {
    // A job's events come spread over its time on a real fleet; here they share its twentieth of a second.
    const facts = run.job();
    const everyMs = 1_000 / jobsPerSecond / 4;
    for (let part = 0; part < 4; part += 1) {
      for (const fact of facts.splice(0, Math.ceil(facts.length / (4 - part)))) tell(fact);
      await systemClock.sleep(everyMs);
    }
    if (performance.now() - secondAtMs < 1_000) continue;
    secondAtMs = performance.now();
    for (const fact of run.second()) tell(fact);
  }
}

/** Share of one core that was used while `done` was under way. */
async function costOf(done: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  const beganAtMs = performance.now();
  await done();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000 / (performance.now() - beganAtMs);
}

function percent(share: number): number {
  return round(share * 100);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
