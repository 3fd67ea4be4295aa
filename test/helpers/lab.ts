import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Toxiproxy } from 'toxiproxy-node-client';
import { countReports } from '../../src/chaos/engine/report-count.ts';
import { FleetDriver } from '../../src/chaos/engine/fleet-driver.ts';
import { fleetCommands, newToken, supervisorHost } from '../../src/cli/run/host-commands.ts';
import { systemClock } from '../../src/core/clock.ts';
import { cacheFolder } from '../../src/infra/cache-folder.ts';
import type { InfraProvider, RunningInfra, ServiceName } from '../../src/infra/provider.ts';
import { embedded } from '../../src/infra/providers/embedded.ts';
import type { JournalEvent } from '../../src/journal/events.ts';
import { JournalWriter } from '../../src/journal/writer.ts';
import type { JobView } from '../../src/chaos/engine/fleet-client.ts';
import { temporaryFolder } from './cli.ts';

export interface LabOptions {
  readonly reportingHosts?: number;
  readonly concurrency?: number;
  readonly seed?: string;
  /** @default embedded */
  readonly provider?: InfraProvider;
  readonly control?: boolean;
  readonly llmLatencyMs?: number;
  /** Reports wait at every boundary for `continue`. */
  readonly boundaries?: boolean;
  /** For hosts, of the kind that they inherit from a user's shell. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly onHostLine?: (lab: Lab, host: string, line: string) => void;
}

export interface LlmLogLine {
  readonly type: 'request' | 'response';
  readonly call_id: string;
  readonly at: number | string;
  readonly run_id?: string;
  readonly section?: string;
  readonly attempt?: number;
}

/** Real services, embedded ones by default, and real host processes, without the CLI: for tests that break things at chosen moments. */
export class Lab implements AsyncDisposable {
  readonly events: JournalEvent[] = [];
  readonly runId = 'lab';
  readonly #listeners = new Set<() => void>();
  infra!: RunningInfra;
  driver!: FleetDriver;
  /** Of every request to a host. */
  readonly token = newToken();
  #folder!: Awaited<ReturnType<typeof temporaryFolder>>;
  #journal!: JournalWriter;
  readonly #stopped = new AbortController();

  static async start(options: LabOptions = {}): Promise<Lab> {
    const lab = new Lab();
    try {
      await lab.#start(options);
      return lab;
    } catch (error) {
      await lab[Symbol.asyncDispose]();
      throw error;
    }
  }

  get folder(): string {
    return this.#folder.path;
  }

  get supervisorUrl(): string {
    const url = this.driver.url(supervisorHost);
    if (url === undefined) throw new Error('the supervisor is not there');
    return url;
  }

  /** Resolves with the first event, past or to come, for which `matches` holds. */
  async event<Event extends JournalEvent>(matches: (event: JournalEvent) => event is Event): Promise<Event>;
  async event(matches: (event: JournalEvent) => boolean): Promise<JournalEvent>;
  event(matches: (event: JournalEvent) => boolean): Promise<JournalEvent> {
    return new Promise((resolve, reject) => {
      const check = (): void => {
        const found = this.events.find(matches);
        if (found === undefined) return;
        this.#listeners.delete(check);
        resolve(found);
      };
      this.#listeners.add(check);
      this.#stopped.signal.addEventListener('abort', () => reject(new Error('the lab was stopped')), { once: true });
      check();
    });
  }

  async submit(name: string, job: { question?: string; userId?: string } = {}): Promise<{ run_id: string; correlation_id: string }> {
    return this.driver.client.submit(
      this.supervisorUrl,
      { run_id: `${this.runId}-${name}`, user_id: job.userId ?? 'user-1', question: job.question ?? 'How did orders develop?', period: { from: '2025-01-01', to: '2025-12-31' } },
      this.#stopped.signal,
    );
  }

  /** Asks until the job is completed; bounded by the test's own timeout. */
  async completed(name: string): Promise<JobView & { result: Record<string, unknown> }> {
    for (;;) {
      this.#stopped.signal.throwIfAborted();
      // The supervisor may be just being started again.
      const url = this.driver.url(supervisorHost);
      const view = url === undefined ? undefined : await this.driver.client.job(url, `${this.runId}-${name}`, this.#stopped.signal).catch(() => undefined);
      if (view?.status === 'completed' && view.result !== undefined) return view as JobView & { result: Record<string, unknown> };
      await systemClock.sleep(50, this.#stopped.signal);
    }
  }

  async setProxy(service: ServiceName, enabled: boolean): Promise<void> {
    const proxy = await new Toxiproxy(this.infra.toxiproxyUrl).get(service);
    await proxy.update({ enabled, listen: proxy.listen, upstream: proxy.upstream });
  }

  async llmLog(): Promise<LlmLogLine[]> {
    const text = await readFile(this.infra.llmLogPath, 'utf8');
    return text
      .trimEnd()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as LlmLogLine);
  }

  /** Reports of each job in the database itself, beside the proxies. */
  reportsInDatabase(): Promise<ReadonlyMap<string, number>> {
    return countReports(this.infra, this.runId, this.#stopped.signal);
  }

  async hostLog(host: string): Promise<string> {
    return readFile(join(this.#folder.path, 'logs', `${host}.ndjson`), 'utf8');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped.abort(new Error('the lab was stopped'));
    await this.driver?.stop(3_000);
    await this.infra?.stop();
    this.#journal?.close();
    await this.#folder?.[Symbol.asyncDispose]();
  }

  async #start(options: LabOptions): Promise<void> {
    this.#folder = await temporaryFolder();
    const path = this.#folder.path;
    const folder = { path, shown: path, reports: join(path, 'reports'), logs: join(path, 'logs'), state: join(path, 'state'), journal: join(path, 'journal.ndjson'), summary: join(path, 'summary.json') };
    for (const each of [folder.reports, folder.logs, folder.state]) await mkdir(each);
    this.#journal = new JournalWriter(folder.journal, this.runId, systemClock);
    this.#journal.onEvent((event) => {
      this.events.push(event);
      for (const listener of this.#listeners) listener();
    });
    const seed = options.seed ?? '1';
    this.infra = await (options.provider ?? embedded).start({
      runId: this.runId,
      seed,
      logsDir: folder.logs,
      cacheDir: cacheFolder(process.env),
      llm: { latencyMs: options.llmLatencyMs ?? 0, tokensPerSecond: 0 },
      clock: systemClock,
      signal: this.#stopped.signal,
    });
    this.driver = new FleetDriver({
      hosts: fleetCommands(
        {
          runId: this.runId,
          seed,
          reportingHosts: options.reportingHosts ?? 1,
          concurrency: options.concurrency ?? 4,
          dataDir: undefined,
          control: options.control ?? false,
          // The compiled program, as users run it.
          hostEntry: fileURLToPath(new URL('../../dist/fleet/host/main.js', import.meta.url)),
          folder,
          environment: { ...process.env, ...(options.boundaries === true ? { NETRA_BOUNDARY_EVENTS: 'on' } : {}), ...options.environment },
        },
        this.infra,
        this.token,
      ),
      token: this.token,
      journal: this.#journal,
      clock: systemClock,
      onEvent: () => undefined,
      onLine: (host, line) => options.onHostLine?.(this, host, line),
    });
    await this.driver.start(this.#stopped.signal);
  }
}
