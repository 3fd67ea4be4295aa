import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventPhase } from '../../src/journal/event-names.ts';
import { toFleetRecord, type JournalEvent, type JournalFact } from '../../src/journal/events.ts';
import type { FleetEvent } from '../../src/journal/fleet-events.ts';
import { readJournal } from '../../src/journal/reader.ts';
import { applyEvent, newRunState, type RunState } from '../../src/journal/run-state.ts';
import { JournalWriter } from '../../src/journal/writer.ts';
import { temporaryFolder } from '../helpers/cli.ts';
import { VirtualClock } from '../helpers/virtual-clock.ts';

const started: JournalFact = { type: 'run.started', command: 'run', seed: '7', provider: 'embedded', control: false, versions: {}, machine: { platform: 'linux', cpus: 2, memory_mb: 4_096 }, jobs: 2 };

/** A run with everything in it that a screen shows. */
const facts: readonly JournalFact[] = [
  started,
  { type: 'infra.ready', duration_ms: 900 },
  { type: 'host.started', host: 'control-1', pid: 11, restart: 0 },
  { type: 'host.listening', host: 'control-1', url: 'http://127.0.0.1:1' },
  { type: 'host.ready', host: 'control-1', duration_ms: 400 },
  { type: 'host.started', host: 'reporting-1', pid: 12, restart: 0 },
  { type: 'fleet.ready', duration_ms: 500 },
  { type: 'job.submitted', job: 'job-1', job_id: 'r-job-1', user_id: 'u', question: 'How?' },
  { type: 'job.accepted', job: 'job-1', job_id: 'r-job-1', correlation_id: 'c' },
  { type: 'job.submitted', job: 'job-2', job_id: 'r-job-2', user_id: 'u', question: 'Why?' },
  { type: 'job.refused', job: 'job-2', job_id: 'r-job-2', code: 'READ_ONLY', message: 'several services are down' },
  { type: 'level.changed', host: 'control-1', host_at: 1, from: 0, to: 2, reason: 'kafka' },
  { type: 'breaker.transition', host: 'control-1', host_at: 1, breaker: 'kafka', from: 'closed', to: 'open' },
  { type: 'checkpoint.saved', host: 'reporting-1', host_at: 1, job_id: 'r-job-1', section: 'summary', fencing_token: 1001, bytes: 10, duration_ms: 1 },
  { type: 'host.exited', host: 'reporting-1', pid: 12, exit_code: null, signal: 'SIGKILL', expected: false },
  {
    type: 'job.reported',
    job: 'job-1',
    job_id: 'r-job-1',
    user_id: 'u',
    duration_ms: 1_234,
    result: { success: true, level: 'FULL', missing_data: ['payment: late'], recovery_performed: true, checkpoints_used: 4, resumed_sections: 2, correlation_id: 'c', report: 'object' },
    sections: ['summary'],
    report_path: 'reports/job-1.md',
  },
  { type: 'level.changed', host: 'control-1', host_at: 2, from: 2, to: 0, reason: 'back' },
  { type: 'run.finished', verdict: 'pass', duration_ms: 2_000 },
];

async function read(path: string): Promise<JournalEvent[]> {
  const events: JournalEvent[] = [];
  for await (const event of readJournal(path)) events.push(event);
  return events;
}

describe('the journal', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let path: string;
  let clock: VirtualClock;
  beforeEach(async () => {
    folder = await temporaryFolder();
    path = join(folder.path, 'journal.ndjson');
    clock = new VirtualClock();
  });
  afterEach(() => folder[Symbol.asyncDispose]());

  async function written(list: readonly JournalFact[] = facts): Promise<JournalEvent[]> {
    using writer = new JournalWriter(path, 'r', clock);
    const live: JournalEvent[] = [];
    writer.onEvent((event) => live.push(event));
    for (const fact of list) {
      writer.append(fact);
      await clock.advance(10);
    }
    return live;
  }

  it('P04 seq counts from 1 without gaps, time from the start of the run; what was told live is what is read', async () => {
    const live = await written();
    const events = await read(path);
    expect(events).toEqual(live);
    expect(events.map((event) => event.seq)).toEqual(facts.map((_, index) => index + 1));
    expect(events.map((event) => event.mono_ms)).toEqual(facts.map((_, index) => index * 10));
    expect(events.every((event) => event.v === 1 && event.run_id === 'r')).toBe(true);
    expect(events[2]?.at).toBe('2026-01-01T00:00:00.020Z');
  });

  it('P03 live and on replay, the fold gives the same state', async () => {
    const live = newRunState();
    for (const event of await written()) applyEvent(live, event);
    const replayed = newRunState();
    for (const event of await read(path)) applyEvent(replayed, event);
    expect(replayed).toEqual(live);
    expect(live).toMatchObject({
      runId: 'r',
      seed: '7',
      verdict: 'pass',
      interrupted: false,
      hosts: new Map([['control-1', 'ready'], ['reporting-1', 'exited']]),
      levels: new Map([['control-1', 0]]),
      breakers: new Map([['control-1/kafka', 'open']]),
      timings: { infraReadyMs: 10, fleetReadyMs: 60, firstReportMs: 150, totalMs: 170 },
    } satisfies Partial<RunState>);
    expect(live.jobs.get('r-job-1')).toMatchObject({ status: 'reported', success: true, level: 'FULL', checkpointsSaved: 1, resumedSections: 2, missingData: ['payment: late'], recoveryPerformed: true, durationMs: 1_234 });
    expect(live.jobs.get('r-job-2')).toMatchObject({ status: 'refused', problem: 'READ_ONLY: several services are down' });
  });

  it('P03 a fold stopped anywhere is the state of that moment: replaying twice as much changes no earlier answer', async () => {
    const events = await written();
    const states = events.map((_, upTo) => {
      const state = newRunState();
      for (const event of events.slice(0, upTo + 1)) applyEvent(state, event);
      return state;
    });
    const running = newRunState();
    for (const [index, event] of events.entries()) {
      applyEvent(running, event);
      expect(running).toEqual(states[index]);
    }
  });

  it('P04 a last line that a crash cut off is left out, wherever the cut is', async () => {
    await written(facts.slice(0, 3));
    const text = await readFile(path, 'utf8');
    const lastAt = text.trimEnd().lastIndexOf('\n') + 1;
    const complete = await read(path);
    for (let end = lastAt + 1; end < text.length - 1; end += 7) {
      await writeFile(path, text.slice(0, end));
      expect(await read(path)).toEqual(complete.slice(0, 2));
    }
    // Whole but for its line end: nothing is missing.
    await writeFile(path, text.slice(0, -1));
    expect(await read(path)).toEqual(complete);
  });

  it.each([
    ['no JSON', '{"v":1,', ':2: this line of the journal is not JSON'],
    ['no object', '"text"', ':2: this line of the journal is not JSON'],
    ['an unknown version', '{"v":2,"seq":2,"type":"x.y"}', ':2: journal version 2 is not known'],
  ])('N07 a damaged line in the middle (%s) is an error with its number, not a shorter run', async (_name, line, message) => {
    await written(facts.slice(0, 3));
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
    await writeFile(path, `${[lines[0], line, lines[2]].join('\n')}\n`);
    await expect(read(path)).rejects.toThrow(message);
  });

  it('N07 a journal of another version is refused although it has one line only', async () => {
    await writeFile(path, '{"v":2,"seq":1,"type":"run.started"}');
    await expect(read(path)).rejects.toThrow('journal version 2 is not known to this program (it reads 1)');
  });

  it('N07 a line that is missing is noticed by its seq', async () => {
    await written(facts.slice(0, 4));
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
    await writeFile(path, `${[lines[0], lines[1], lines[3]].join('\n')}\n`);
    await expect(read(path)).rejects.toThrow(':3: event 3 is missing, this line is event 4');
  });

  it('P04 events of unknown types are handed on and change no state', async () => {
    await written(facts.slice(0, 2));
    await appendFile(path, '{"v":1,"seq":3,"at":"x","mono_ms":1,"run_id":"r","type":"weather.changed","to":"rain"}\n');
    const events = await read(path);
    expect(events.at(-1)).toMatchObject({ type: 'weather.changed', to: 'rain' });
    const state = newRunState();
    for (const event of events.slice(0, 2)) applyEvent(state, event);
    const before = structuredClone(state);
    applyEvent(state, events[2] as JournalEvent);
    expect(state).toEqual(before);
  });

  it('P04 what is told after the end is dropped, and the file may not be written over', async () => {
    using writer = new JournalWriter(path, 'r', clock);
    writer.append(started);
    writer.close();
    writer.close();
    writer.append(started);
    expect(await read(path)).toHaveLength(1);
    expect(() => new JournalWriter(path, 'r', clock)).toThrow(/EEXIST/);
  });

  it('N07 a host can say neither that a job was reported nor when a line was written', async () => {
    const forged = { type: 'job_reported', at: 5, host: 'evil', seq: 99, v: 9, run_id: 'other', mono_ms: -1, job_id: 'r-job-1' } as unknown as FleetEvent;
    expect(toFleetRecord(forged).type).toBe('foreign.job_reported');
    expect(toFleetRecord({ ...forged, type: 'run_finished' } as unknown as FleetEvent).type).toBe('foreign.run_finished');
    const [line] = await written([toFleetRecord(forged)]);
    expect(line).toMatchObject({ v: 1, seq: 1, run_id: 'r', mono_ms: 0, at: '2026-01-01T00:00:00.000Z', host: 'evil', host_at: 5 });
    expect(await read(path)).toEqual([line]);
  });

  it('D12 samples and sections of a host come through under their dotted names', () => {
    for (const type of ['agent_sampled', 'dependency_sampled', 'breaker_sampled', 'section_completed'] as const) {
      expect(toFleetRecord({ type, at: 5, host: 'reporting-1' } as FleetEvent)).toEqual({ type: type.replace('_', '.'), host: 'reporting-1', host_at: 5 });
      expect(eventPhase(type.replace('_', '.'))).toBe('during');
    }
  });

  it('D12 the seven named events of an agent come through under their dotted names, with all their members', () => {
    const common = { at: 5, host: 'reporting-1', agent: 'reporting', job_id: 'j', user_id: 'u', correlation_id: 'c' };
    const names = ['agent_started', 'agent_thinking', 'checkpoint_saved', 'checkpoint_resumed', 'agent_completed', 'agent_error', 'level_changed'] as const;
    for (const type of names) {
      const { at, ...rest } = common;
      expect(toFleetRecord({ ...common, type } as FleetEvent)).toEqual({ ...rest, host_at: at, type: type.replace('_', '.') });
    }
  });
});
