import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { RunControls } from '../../src/chaos/engine/live-faults.ts';
import { runEngine, type EngineOutcome } from '../../src/chaos/engine/run-engine.ts';
import { run as replay } from '../../src/cli/chaos/replay-command.ts';
import { fleetCommands, newToken, supervisorHost } from '../../src/cli/run/host-commands.ts';
import { seededJobs } from '../../src/cli/run/job-list.ts';
import { handleReport } from '../../src/cli/run/report-files.ts';
import { systemClock } from '../../src/core/clock.ts';
import { cacheFolder } from '../../src/infra/cache-folder.ts';
import { embedded } from '../../src/infra/providers/embedded.ts';
import type { JournalEvent } from '../../src/journal/events.ts';
import { JournalWriter } from '../../src/journal/writer.ts';
import { commandInput, testContext } from '../cli/helpers.ts';
import { temporaryFolder } from '../helpers/cli.ts';

/** A plain run without an end of its own, on real embedded services and real host processes, with its controls in hand. */
class Playground implements AsyncDisposable {
  readonly events: JournalEvent[] = [];
  readonly #controls = Promise.withResolvers<RunControls>();
  readonly #listeners = new Set<() => void>();
  readonly #interrupt = new AbortController();
  readonly #folder: Awaited<ReturnType<typeof temporaryFolder>>;
  outcome!: Promise<EngineOutcome>;
  controls!: RunControls;

  private constructor(folder: Awaited<ReturnType<typeof temporaryFolder>>) {
    this.#folder = folder;
  }

  static async start(): Promise<Playground> {
    const playground = new Playground(await temporaryFolder());
    playground.outcome = playground.#run();
    playground.controls = await Promise.race([playground.#controls.promise, playground.outcome.then(() => Promise.reject(new Error('the run ended before it could be steered')))]);
    return playground;
  }

  get folder(): string {
    return this.#folder.path;
  }

  /** The first event after `seq` that matches; bounded by the test's own timeout and the end of the run. */
  async event(what: string, matches: (event: JournalEvent) => boolean, afterSeq = 0): Promise<JournalEvent> {
    const found = Promise.withResolvers<JournalEvent>();
    const look = (): void => {
      const event = this.events.find((each) => each.seq > afterSeq && matches(each));
      if (event !== undefined) found.resolve(event);
    };
    this.#listeners.add(look);
    look();
    const over = this.outcome.then(
      () => Promise.reject(new Error(`the run ended without ${what}`)),
      (error: unknown) => Promise.reject(new Error(`the run failed before ${what}`, { cause: error })),
    );
    return Promise.race([found.promise, over]).finally(() => this.#listeners.delete(look));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#interrupt.abort(new Error('the test is over'));
    await this.outcome.catch(() => undefined);
    await this.#folder[Symbol.asyncDispose]();
  }

  async #run(): Promise<EngineOutcome> {
    const path = this.folder;
    const folder = { path, shown: path, reports: join(path, 'reports'), logs: join(path, 'logs'), state: join(path, 'state'), journal: join(path, 'journal.ndjson'), summary: join(path, 'summary.json') };
    for (const each of [folder.reports, folder.logs, folder.state]) await mkdir(each);
    using journal = new JournalWriter(folder.journal, 'live', systemClock);
    journal.onEvent((event) => {
      this.events.push(event);
      for (const look of this.#listeners) look();
    });
    const jobs = seededJobs(3_000, '1', undefined, { from: '2025-01-01', to: '2025-12-31' });
    journal.append({ type: 'run.started', command: 'run', seed: '1', provider: 'embedded', control: false, versions: {}, machine: { platform: 'test', cpus: 1, memory_mb: 1 }, jobs: jobs.length });
    const concurrency = 6;
    return await runEngine({
      runId: 'live',
      clock: systemClock,
      journal,
      provider: embedded,
      infra: { seed: '1', logsDir: folder.logs, cacheDir: cacheFolder(process.env), llm: { latencyMs: 20, tokensPerSecond: 0 } },
      hosts: (infra, token) =>
        fleetCommands(
          {
            runId: 'live',
            seed: '1',
            reportingHosts: 2,
            concurrency,
            dataDir: undefined,
            control: false,
            // The compiled program, as users run it.
            hostEntry: fileURLToPath(new URL('../../dist/fleet/host/main.js', import.meta.url)),
            folder,
            environment: process.env,
          },
          infra,
          token,
        ),
      supervisorHost,
      token: newToken(),
      folder: path,
      workload: { jobs, concurrency, everyMs: 200, jobTimeoutMs: 60_000 },
      handleReport: (job, view) => handleReport(job, view, folder),
      onControls: this.#controls.resolve,
      fleetReadyTimeoutMs: 60_000,
      shutdownGraceMs: { normal: 5_000, interrupted: 1_500 },
      signal: this.#interrupt.signal,
    });
  }
}

describe('a run as a playground', () => {
  it('P03 D12 Redis goes and comes back and a host is killed by hand; asked to finish, the run ends with pass, and replay says the same', async () => {
    await using playground = await Playground.start();
    const { faults } = playground.controls;
    await expect(faults.inject({ type: 'down', target: 'redis', parameters: {} })).rejects.toThrow('the fleet is being started');
    await playground.event('a report', ({ type }) => type === 'job.reported');

    const down = await faults.inject({ type: 'down', target: 'redis', parameters: {} });
    expect(down).toBe('down-redis-user-1');
    const injected = await playground.event('the injection', ({ type }) => type === 'fault.injected');
    expect(injected).toMatchObject({ fault: down, by: 'user', target: 'redis' });
    const missed = await playground.event('a host that misses Redis', (event) => event.type === 'dependency.changed' && event.dependency === 'redis' && !event.up, injected.seq);
    await playground.event('a breaker that opens', (event) => event.type === 'breaker.transition' && event.breaker === 'redis' && event.to === 'open', injected.seq);
    await playground.event('a report without Redis', ({ type }) => type === 'job.reported', missed.seq);

    await faults.heal(down);
    const healed = await playground.event('the healing', ({ type }) => type === 'fault.healed');
    expect(healed).toMatchObject({ fault: down, affected: expect.any(Number) as number });
    const host = missed.type === 'dependency.changed' ? missed.host : '';
    await playground.event('the host that has Redis again', (event) => event.type === 'dependency.changed' && event.dependency === 'redis' && event.up && event.host === host, healed.seq);

    expect(await faults.inject({ type: 'kill', target: 'reporting-1', parameters: {} })).toBe('kill-reporting-1-user-2');
    const exited = await playground.event('the end of the host', (event) => event.type === 'host.exited' && event.host === 'reporting-1');
    expect(exited).toMatchObject({ signal: 'SIGKILL', expected: true });
    await playground.event('its new start', (event) => event.type === 'host.ready' && event.host === 'reporting-1', exited.seq);

    // Still there at the end, and healed then: reports that were kept elsewhere meanwhile are counted in the database all the same.
    await faults.inject({ type: 'down', target: 'postgres', parameters: {} });
    const without = await playground.event('a host that misses the database', (event) => event.type === 'dependency.changed' && event.dependency === 'postgres' && !event.up, exited.seq);
    const kept = await playground.event('a job that begins without the database', ({ type }) => type === 'job.accepted', without.seq);
    await playground.event('its report', (event) => event.type === 'job.reported' && kept.type === 'job.accepted' && event.job === kept.job);
    playground.controls.finish();
    const { verdict, checks, interrupted } = await playground.outcome;
    expect({ verdict, interrupted, checks: checks.filter(({ status }) => status !== 'pass') }).toEqual({ verdict: 'pass', interrupted: false, checks: [] });
    const of = (type: JournalEvent['type']): JournalEvent[] => playground.events.filter((event) => event.type === type);
    expect(of('fault.healed').at(-1)).toMatchObject({ fault: 'down-postgres-user-3', reason: 'end' });
    expect(of('fault.failed')).toEqual([]);
    expect(of('steady.checked')).toEqual([expect.objectContaining({ phase: 'after', met: true })]);
    expect(of('job.submitted').length).toBeLessThan(3_000);
    expect(of('job.reported')).toHaveLength(of('job.submitted').length);
    await expect(faults.inject({ type: 'down', target: 'redis', parameters: {} })).rejects.toThrow('no fault can be injected any more');

    const context = testContext({ cwd: playground.folder });
    expect(await replay(commandInput({ json: true }, ['.']), context)).toBe(0);
    const report = JSON.parse(context.out()) as { scenarios: { verdict: string; checks: { name: string; status: string; detail: string }[] }[] };
    expect(report.scenarios[0]?.verdict).toBe('pass');
    expect(report.scenarios[0]?.checks.map(({ name, status, detail }) => ({ check: name, status, detail }))).toEqual(checks.map(({ check, status, detail }) => ({ check, status, detail })));
  });
});
