import type { Socket } from 'node:net';
import { raceAbort } from '../../../core/abort.ts';
import { asError } from '../../../core/errors.ts';
import { newCorrelationId } from '../../../core/ids.ts';
import { InfraUnavailable } from '../../error-codes.ts';
import { serviceNames, type Endpoint, type InfraComponent, type InfraEvent, type InfraOptions, type RunningInfra, type RunningService, type ServiceName } from '../../provider.ts';
import { services } from '../../services/index.ts';
import { llmLogPath } from '../../services/llm.ts';
import type { ServiceContext } from '../../services/service.ts';
import { ExitList } from '../exit-list.ts';
import { engineFailure } from './engine/failures.ts';
import { HostGateway } from './host-gateway.ts';
import { fetchImages } from './image-store.ts';
import type { ImageName } from './images.ts';
import { removeCommand } from './labels.ts';
import { sweep } from './leftovers.ts';
import { startReaper } from './reaper.ts';
import { LabResources } from './resources.ts';
import type { RunningContainer } from './running-container.ts';
import { startService } from './start-service.ts';
import { startToxiproxy } from './start-toxiproxy.ts';
import { surveyEngine, type EngineSurvey } from './survey.ts';
import { withTimeLimit } from './time-limit.ts';

/** Images there. On a machine that has much else to do a broker takes a minute. */
const START_WITHIN_MS = 120_000;

export interface ContainersOptions {
  /** Where the engine and the images are named. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Services stay up when the lab ends. */
  readonly keep: boolean;
}

/** One start of all containers, and what there is of it to be ended. */
export class ContainersStart {
  readonly #options: InfraOptions & ContainersOptions;
  readonly #context: ServiceContext;
  readonly #startMs: number;
  readonly #exits = new ExitList();
  readonly #kept: { service: InfraComponent; url: string }[] = [];
  #resources: LabResources | undefined;
  #gateway: HostGateway | undefined;
  #reaper: Socket | undefined;
  #stopping: Promise<void> | undefined;

  constructor(options: InfraOptions & ContainersOptions) {
    const { seed, logsDir, cacheDir, llm, clock } = options;
    this.#options = options;
    this.#context = { seed, logsDir, cacheDir, llm, hostKey: `netra-${newCorrelationId()}` };
    this.#startMs = clock.monotonicMs();
  }

  async run(): Promise<RunningInfra> {
    const { clock, signal, environment, logsDir, keep } = this.#options;
    const survey = await surveyEngine({ environment, clock, signal });
    const failed = new AbortController();
    const ended = AbortSignal.any([signal, failed.signal]);
    try {
      const prepared = Promise.all([fetchImages(survey, { environment, clock, signal: ended, onEvent: this.#tell }), this.#sweep(survey, ended), loadLibrary(survey)]);
      const [pulledMs] = await raceAbort(prepared, ended);
      const [toxiproxyUrl, running] = await withTimeLimit(clock, START_WITHIN_MS, ended, late, (within) => this.#bringUp(survey, pulledMs, within));
      return {
        provider: 'containers',
        services: running,
        toxiproxyUrl,
        hostEnvironment: Object.assign({}, ...serviceNames.map((name) => services[name].hostEnvironment(running[name].proxied, this.#context))) as Record<string, string>,
        llmLogPath: llmLogPath(logsDir),
        onUnexpectedExit: (listener) => this.#exits.listen(listener),
        stop: () => this.stop(keep),
        [Symbol.asyncDispose]: () => this.stop(keep),
      };
    } catch (error) {
      signal.throwIfAborted();
      throw engineFailure(error, 'The containers cannot be started', survey.engine.address);
    } finally {
      // Ends the pulls of a start that failed; those of one that did not are over.
      failed.abort(new Error('the start has ended'));
    }
  }

  /** Removes everything that was made; with `keep` only what cannot outlive the lab. A second call waits for the first. */
  stop(keep = false): Promise<void> {
    this.#stopping ??= this.#end(keep);
    return this.#stopping;
  }

  async #end(keep: boolean): Promise<void> {
    this.#exits.close();
    this.#resources?.endWatch();
    if (keep) this.#tell({ type: 'infra.kept', endpoints: this.#kept, removeCommand: removeCommand(this.#options.runId) });
    await Promise.all([this.#gateway?.stop(), keep ? undefined : this.#resources?.remove()]);
    this.#reaper?.destroy();
  }

  readonly #tell = (event: InfraEvent): void => this.#options.onEvent?.(event);

  #warn(message: string): void {
    this.#tell({ type: 'infra.warning', service: 'engine', message });
  }

  async #sweep({ engine }: EngineSurvey, signal: AbortSignal): Promise<void> {
    const { removed, problems } = await sweep(engine, signal);
    if (removed.length > 0) this.#warn(`removed what a lab that died had left: ${removed.map(({ name }) => name).join(', ')}`);
    for (const problem of problems) this.#warn(problem);
  }

  async #bringUp(survey: EngineSurvey, pulledMs: Readonly<Record<ImageName, number>>, signal: AbortSignal): Promise<[toxiproxyUrl: string, running: Record<ServiceName, RunningService>]> {
    const { clock, environment, runId, keep } = this.#options;
    const context = this.#context;
    const resources = new LabResources({ engine: survey.engine, runId, keep, clock, exits: this.#exits, onEvent: this.#tell });
    this.#resources = resources;
    const gateway = await HostGateway.start({ context, clock, machine: await resources.createNetwork(signal), exits: this.#exits, onEvent: this.#tell, signal });
    this.#gateway = gateway;
    const toxiproxy = startToxiproxy({ resources, gateway, environment, clock, signal, onReady: (url, endpoint, container, readyMs) => void this.#reportReady('toxiproxy', url, endpoint, { container, readyMs, pullMs: pulledMs.toxiproxy }) });
    const bringUp = async (name: ServiceName): Promise<RunningService> => {
      const section = services[name].container;
      if (section === undefined) {
        const proxied = await gateway.reached(name, toxiproxy);
        return { name, direct: gateway.direct, proxied, startedInMs: this.#reportReady(name, undefined, proxied) };
      }
      const { container, direct, proxied, readyMs } = await startService({ name, section, resources, toxiproxy, context, environment, clock, signal });
      return { name, direct, proxied, startedInMs: this.#reportReady(name, Object.values(services[name].hostEnvironment(direct, context))[0], proxied, { container, readyMs, pullMs: pulledMs[section.image] }) };
    };
    const reaper = keep ? undefined : startReaper({ survey, resources, environment, clock, signal }).then(
      (socket) => (this.#reaper = socket),
      // Not having it is no harm: what a killed lab leaves is swept by the next start.
      (error: unknown) => signal.aborted || this.#warn(`Ryuk cannot be used, the next start sweeps instead: ${asError(error).message}`),
    );
    const [running, { url }] = await Promise.all([Promise.all(serviceNames.map(bringUp)), toxiproxy, reaper]);
    return [url, Object.fromEntries(running.map((service) => [service.name, service])) as Record<ServiceName, RunningService>];
  }

  /** @param url where it is found by who looks at what was kept; absent for what does not outlive the lab */
  #reportReady(service: InfraComponent, url: string | undefined, endpoint: Endpoint, made?: { readonly container: RunningContainer; readonly readyMs: number; readonly pullMs: number }): number {
    const startedInMs = Math.round(this.#options.clock.monotonicMs() - this.#startMs);
    if (url !== undefined) this.#kept.push({ service, url });
    this.#tell({
      type: 'infra.service_ready',
      service,
      endpoint,
      startedInMs,
      ...(made === undefined ? {} : { phases: { pullMs: made.pullMs, createMs: made.container.createMs, startMs: made.container.startMs, readyMs: made.readyMs } }),
    });
    return startedInMs;
  }
}

function late(): InfraUnavailable {
  return new InfraUnavailable(`The containers were not ready within ${START_WITHIN_MS / 1_000} s.`);
}

/** A quarter of a second, in which the engine is asked other things. */
async function loadLibrary({ engine }: EngineSurvey): Promise<void> {
  const { useEngine } = await import('./lab-container.ts');
  await useEngine(engine.address);
}
