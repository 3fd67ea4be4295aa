import { raceAbort } from '../../core/abort.ts';
import { asError, isNetraError } from '../../core/errors.ts';
import { newCorrelationId } from '../../core/ids.ts';
import type { ComponentName } from '../embedded/components.ts';
import { EmbeddedProcess, type Listening } from '../embedded/process.ts';
import { InfraUnavailable } from '../error-codes.ts';
import { serviceNames, type Endpoint, type InfraOptions, type InfraProvider, type RunningInfra, type RunningService, type ServiceName } from '../provider.ts';
import { services } from '../services/index.ts';
import { llmLogPath } from '../services/llm.ts';
import type { ServiceContext } from '../services/service.ts';
import { ExitList } from './exit-list.ts';
import { waitUntilReady } from './ready.ts';

/** A first start makes a database, which takes seconds, more of them on a machine that has much else to do. */
const START_WITHIN_MS = 60_000;

/** Servers of our own in child processes on loopback ports; needs nothing but Node. */
export const embedded: InfraProvider = {
  name: 'embedded',
  async start(options) {
    const start = new EmbeddedStart(options);
    try {
      return await start.run();
    } catch (error) {
      await start.stop();
      throw options.signal.aborted || isNetraError(error) ? error : new InfraUnavailable(`The embedded infrastructure cannot be started: ${asError(error).message}.`, { cause: error });
    }
  },
};

class EmbeddedStart {
  readonly #options: InfraOptions;
  readonly #context: ServiceContext;
  readonly #startMs: number;
  readonly #processes: EmbeddedProcess[] = [];
  readonly #exits = new ExitList();
  #stopping: Promise<void> | undefined;

  constructor(options: InfraOptions) {
    const { seed, logsDir, cacheDir, llm, clock } = options;
    this.#options = options;
    this.#context = { seed, logsDir, cacheDir, llm, hostKey: `netra-${newCorrelationId()}` };
    this.#startMs = clock.monotonicMs();
  }

  async run(): Promise<RunningInfra> {
    const { clock, signal, logsDir } = this.#options;
    signal.throwIfAborted();
    const timeout = new AbortController();
    const cancel = clock.setTimer(START_WITHIN_MS, () => timeout.abort(new InfraUnavailable(`The embedded infrastructure was not ready within ${START_WITHIN_MS / 1000} s.`)));
    try {
      const within = AbortSignal.any([signal, timeout.signal]);
      const owners = this.#spawn();
      const [toxiproxyUrl, running] = await raceAbort(this.#bringUp(owners, within), within);
      return {
        provider: 'embedded',
        services: running,
        toxiproxyUrl,
        hostEnvironment: Object.assign({}, ...serviceNames.map((name) => services[name].hostEnvironment(running[name].proxied, this.#context))) as Record<string, string>,
        llmLogPath: llmLogPath(logsDir),
        onUnexpectedExit: (listener) => this.#exits.listen(listener),
        stop: () => this.stop(),
        [Symbol.asyncDispose]: () => this.stop(),
      };
    } finally {
      cancel();
    }
  }

  stop(): Promise<void> {
    this.#exits.close();
    this.#stopping ??= Promise.all(this.#processes.map((child) => child.stop())).then(() => undefined);
    return this.#stopping;
  }

  /** One process for all that share, and one for each that does not. */
  #spawn(): Map<ComponentName, EmbeddedProcess> {
    const alone = serviceNames.filter((name) => services[name].embedded.process === 'own');
    const shared = serviceNames.filter((name) => !alone.includes(name));
    const owners = new Map<ComponentName, EmbeddedProcess>();
    for (const components of [...alone.map((name): ComponentName[] => [name]), ['toxiproxy' as const, ...shared]]) {
      const child = new EmbeddedProcess({
        components,
        context: this.#context,
        clock: this.#options.clock,
        onWarning: (service, message) => this.#options.onEvent?.({ type: 'infra.warning', service, message }),
      });
      this.#processes.push(child);
      for (const component of components) owners.set(component, child);
      void child.exited.then((exit) => this.#exits.add(exit));
    }
    return owners;
  }

  async #bringUp(owners: ReadonlyMap<ComponentName, EmbeddedProcess>, signal: AbortSignal): Promise<[toxiproxyUrl: string, running: Record<ServiceName, RunningService>]> {
    const clientLoaded = import('toxiproxy-node-client');
    const processOf = (name: ComponentName): EmbeddedProcess => owners.get(name) as EmbeddedProcess;
    const proxyReady = processOf('toxiproxy').listening('toxiproxy').then(({ direct }) => {
      this.#reportReady('toxiproxy', direct);
      return `http://${direct.host}:${direct.port}`;
    });
    const bringUp = async (name: ServiceName): Promise<RunningService> => {
      const [{ Toxiproxy }, toxiproxyUrl, listening] = await Promise.all([clientLoaded, proxyReady, processOf(name).listening(name)]);
      const proxied = await this.#createProxy(new Toxiproxy(toxiproxyUrl), name, listening);
      processOf(name).tellProxied(name, proxied);
      await waitUntilReady(name, () => services[name].probe(proxied, this.#context, signal), this.#options.clock, signal);
      return { name, direct: listening.direct, proxied, startedInMs: this.#reportReady(name, proxied) };
    };
    const running = await Promise.all(serviceNames.map(bringUp));
    return [await proxyReady, Object.fromEntries(running.map((service) => [service.name, service])) as Record<ServiceName, RunningService>];
  }

  async #createProxy(toxiproxy: { createProxy(body: { name: string; listen: string; upstream: string }): Promise<{ listen: string }> }, name: ServiceName, { upstream }: Listening): Promise<Endpoint> {
    const { listen } = await toxiproxy.createProxy({ name, listen: '127.0.0.1:0', upstream: `${upstream.host}:${upstream.port}` });
    const colon = listen.lastIndexOf(':');
    return { host: listen.slice(0, colon), port: Number(listen.slice(colon + 1)) };
  }

  #reportReady(service: ComponentName, endpoint: Endpoint): number {
    const startedInMs = Math.round(this.#options.clock.monotonicMs() - this.#startMs);
    this.#options.onEvent?.({ type: 'infra.service_ready', service, endpoint, startedInMs });
    return startedInMs;
  }
}
