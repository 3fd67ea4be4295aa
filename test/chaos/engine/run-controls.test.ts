import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunControls } from '../../../src/chaos/engine/live-faults.ts';
import { runEngine, type EngineOutcome } from '../../../src/chaos/engine/run-engine.ts';
import { readUndoFile, undoFileName } from '../../../src/chaos/engine/undo-log.ts';
import { systemClock } from '../../../src/core/clock.ts';
import type { RunningInfra } from '../../../src/infra/provider.ts';
import type { JournalEvent } from '../../../src/journal/events.ts';
import { JournalWriter } from '../../../src/journal/writer.ts';
import { temporaryFolder } from '../../helpers/cli.ts';
import { until } from '../../helpers/until.ts';

const hostFile = fileURLToPath(new URL('small-host.ts', import.meta.url));
const job = (name: string): object => ({ name, userId: 'u', question: 'How?', period: { from: '2025-01-01', to: '2025-12-31' } });

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let journal: JournalWriter;
let events: JournalEvent[];
let interrupt: AbortController;
let controls: RunControls | undefined;
beforeEach(async () => {
  folder = await temporaryFolder();
  journal = new JournalWriter(join(folder.path, 'journal.ndjson'), 'r', systemClock);
  events = [];
  journal.onEvent((event) => events.push(event));
  interrupt = new AbortController();
  controls = undefined;
});
afterEach(async () => {
  journal.close();
  await folder[Symbol.asyncDispose]();
});

/** A plain run of real processes that take no job, the second of which would come in an hour; resolves once its controls are handed out and its fleet is ready. */
async function start(undoFolder = folder.path): Promise<{ outcome: Promise<EngineOutcome>; controls: RunControls }> {
  const infra = { provider: 'embedded', services: { postgres: { direct: { host: '127.0.0.1', port: 1 } } }, hostEnvironment: {}, onUnexpectedExit: () => () => undefined, stop: async () => undefined } as unknown as RunningInfra;
  const outcome = runEngine({
    runId: 'r',
    clock: systemClock,
    journal,
    provider: { name: 'embedded', start: async () => infra },
    infra: { seed: '1', logsDir: folder.path, cacheDir: folder.path, llm: { latencyMs: 0, tokensPerSecond: 0 } },
    hosts: () => ['control-1', 'reporting-1'].map((host) => ({ host, command: process.execPath, args: [hostFile, host], environment: {}, logPath: join(folder.path, `${host}.log`) })),
    supervisorHost: 'control-1',
    token: 'token-of-the-test',
    folder: undoFolder,
    workload: { jobs: ['a', 'b'].map(job) as never, concurrency: 1, everyMs: 3_600_000, jobTimeoutMs: 1_000 },
    handleReport: () => Promise.reject(new Error('there is no report')),
    onControls: (given) => {
      expect(events.some(({ type }) => type === 'host.started')).toBe(false);
      controls = given;
    },
    fleetReadyTimeoutMs: 15_000,
    shutdownGraceMs: { normal: 3_000, interrupted: 3_000 },
    signal: interrupt.signal,
  });
  outcome.catch(() => undefined);
  await until(() => events.some(({ type }) => type === 'job.refused'), 'the first job to be refused', 15_000);
  if (controls === undefined) throw new Error('nobody was given the controls');
  return { outcome, controls };
}

const typesOf = (...types: JournalEvent['type'][]): string[] => events.flatMap((event) => (types.includes(event.type) ? [`${event.type}${'fault' in event ? ` ${event.fault}` : ''}`] : []));

describe('the controls of a run', () => {
  it('P03 F12 Ctrl-C heals what was injected by hand, latest first, before the fleet is stopped; until then the undo list holds it, in a folder that is made for it', async () => {
    const undoFolder = join(folder.path, 'elsewhere', 'r');
    const run = await start(undoFolder);
    const first = await run.controls.faults.inject({ type: 'pause', target: 'reporting-1', parameters: {} });
    const second = await run.controls.faults.inject({ type: 'pause', target: 'control-1', parameters: {} });
    expect(readUndoFile(join(undoFolder, undoFileName))?.undo).toHaveLength(2);
    interrupt.abort(new Error('SIGINT'));
    expect(await run.outcome).toMatchObject({ interrupted: true, verdict: 'unknown' });
    expect(typesOf('fault.injected', 'fault.healed', 'host.exited')).toEqual([`fault.injected ${first}`, `fault.injected ${second}`, `fault.healed ${second}`, `fault.healed ${first}`, 'host.exited', 'host.exited']);
    expect(events.filter((event) => event.type === 'fault.healed')).toEqual([expect.objectContaining({ reason: 'interrupted', affected: 1 }), expect.objectContaining({ reason: 'interrupted', affected: 1 })]);
    expect(events.filter((event) => event.type === 'host.exited')).toEqual([expect.objectContaining({ exit_code: 0 }), expect.objectContaining({ exit_code: 0 })]);
    expect(existsSync(undoFolder)).toBe(false);
  });

  it('P03 D12 asked to finish, it heals, waits until every host is whole again, one that was killed included, and ends as ever', async () => {
    const run = await start();
    await run.controls.faults.inject({ type: 'kill', target: 'reporting-1', parameters: {} });
    const paused = await run.controls.faults.inject({ type: 'pause', target: 'control-1', parameters: {}, lengthMs: 60_000 });
    run.controls.finish();
    const { interrupted, verdict } = await run.outcome;
    // Without a report there is nothing to judge by.
    expect({ interrupted, verdict }).toEqual({ interrupted: false, verdict: 'unknown' });
    expect(events.find((event) => event.type === 'fault.healed' && event.fault === paused)).toMatchObject({ reason: 'end' });
    expect(typesOf('steady.checked')).toHaveLength(1);
    const steady = events.findIndex(({ type }) => type === 'steady.checked');
    expect(events[steady]).toMatchObject({ phase: 'after', met: true, detail: 'level 0 on all hosts' });
    expect(events.slice(0, steady).filter((event) => event.type === 'host.listening' && event.host === 'reporting-1')).toHaveLength(2);
    expect(typesOf('job.submitted')).toHaveLength(1);
    expect(typesOf('run.interrupted', 'fault.failed')).toEqual([]);
  });

  it('P03 a run into which nobody reaches is as it was: nothing is waited for at its end', async () => {
    const run = await start();
    run.controls.finish();
    await run.outcome;
    expect(typesOf('steady.checked', 'fault.injected')).toEqual([]);
  });
});
