import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { UndoLog, undoFileName } from '../../../src/chaos/engine/undo-log.ts';
import type { FleetDriver } from '../../../src/chaos/engine/fleet-driver.ts';
import type { FaultContext, InjectedFault } from '../../../src/chaos/faults/fault.ts';
import { Holds } from '../../../src/chaos/faults/holds.ts';
import { findFault } from '../../../src/chaos/faults/index.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { createRng } from '../../../src/core/rng.ts';
import { cacheFolder } from '../../../src/infra/cache-folder.ts';
import type { RunningInfra, ServiceName } from '../../../src/infra/provider.ts';
import { embedded } from '../../../src/infra/providers/embedded.ts';
import { services } from '../../../src/infra/services/index.ts';
import type { JournalEvent } from '../../../src/journal/events.ts';
import { temporaryFolder } from '../../helpers/cli.ts';

/** Real embedded services, and faults injected by their definitions alone. */
export class FaultBench implements AsyncDisposable {
  readonly events: JournalEvent[] = [];
  jobIds: readonly string[] = [];
  readonly infra: RunningInfra;
  #holds = new Holds();
  readonly #folder: Awaited<ReturnType<typeof temporaryFolder>>;
  #undoLog: UndoLog;
  #count = 0;

  private constructor(infra: RunningInfra, folder: Awaited<ReturnType<typeof temporaryFolder>>) {
    this.infra = infra;
    this.#folder = folder;
    this.#undoLog = this.#newUndoLog();
  }

  static async start(): Promise<FaultBench> {
    const folder = await temporaryFolder();
    const infra = await embedded.start({
      runId: 'bench',
      seed: '1',
      logsDir: folder.path,
      cacheDir: cacheFolder(process.env),
      llm: { latencyMs: 0, tokensPerSecond: 0 },
      clock: systemClock,
      signal: new AbortController().signal,
    });
    return new FaultBench(infra, folder);
  }

  get undoPath(): string {
    return join(this.#folder.path, undoFileName);
  }

  /** With parameters as a scenario writes them. */
  async inject(type: string, target: string, parameters: object = {}, more: { readonly seed?: string; readonly driver?: FleetDriver } = {}): Promise<InjectedFault> {
    const fault = findFault(type);
    if (fault === undefined) throw new Error(`there is no fault ${type}`);
    this.#count += 1;
    const context: FaultContext = {
      infra: this.infra,
      driver: more.driver as FleetDriver,
      clock: systemClock,
      name: `${type}-${this.#count}`,
      rng: createRng(more.seed ?? '1'),
      jobIds: () => this.jobIds,
      events: () => this.events,
      undoLog: this.#undoLog,
      holds: this.#holds,
    };
    return fault.inject(context, target, fault.parameters.parse(parameters), AbortSignal.timeout(10_000));
  }

  /** After a test that failed in the middle, so that the next one finds whole services. */
  async reset(): Promise<void> {
    await fetch(`${this.infra.toxiproxyUrl}/reset`, { method: 'POST' });
    rmSync(this.undoPath, { force: true });
    this.events.length = 0;
    this.#holds = new Holds();
    this.#undoLog = this.#newUndoLog();
  }

  /** One question of a client through the proxy; rejects where it gets no answer in time. */
  ask(service: ServiceName, timeoutMs = 5_000): Promise<void> {
    const context = { seed: '1', logsDir: '', cacheDir: '', llm: { latencyMs: 0, tokensPerSecond: 0 }, hostKey: this.infra.hostEnvironment.NETRA_LLM_API_KEY ?? '' };
    return services[service].probe(this.infra.services[service].proxied, context, AbortSignal.timeout(timeoutMs));
  }

  async toxics(): Promise<number> {
    const proxies = (await (await fetch(`${this.infra.toxiproxyUrl}/proxies`)).json()) as Record<string, { toxics: unknown[] }>;
    return Object.values(proxies).reduce((sum, { toxics }) => sum + toxics.length, 0);
  }

  /** As if the services outlived the lab, so that every entry is written. */
  #newUndoLog(): UndoLog {
    return new UndoLog({ path: this.undoPath, owner: { pid: process.pid, started: 'now' }, servicesEndWithLab: false });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.infra.stop();
    rmSync(this.undoPath, { force: true });
    await this.#folder[Symbol.asyncDispose]();
  }
}

export const never = new AbortController().signal;
