import { systemClock } from '../../src/core/clock.ts';
import { newCorrelationId } from '../../src/core/ids.ts';
import type { Endpoint, ServiceName } from '../../src/infra/provider.ts';
import { engineAddress } from '../../src/infra/providers/containers/engine/address.ts';
import { Engine } from '../../src/infra/providers/containers/engine/engine.ts';
import { imageOf } from '../../src/infra/providers/containers/images.ts';
import { startContainer, useEngine, type ContainerSpec } from '../../src/infra/providers/containers/lab-container.ts';
import { ownLabels } from '../../src/infra/providers/containers/labels.ts';
import { LabResources } from '../../src/infra/providers/containers/resources.ts';
import type { RunningContainer } from '../../src/infra/providers/containers/running-container.ts';
import { startService } from '../../src/infra/providers/containers/start-service.ts';
import type { ProxyContainer } from '../../src/infra/providers/containers/start-toxiproxy.ts';
import { ExitList } from '../../src/infra/providers/exit-list.ts';
import { services } from '../../src/infra/services/index.ts';
import type { ContainerSection } from '../../src/infra/services/service.ts';

const START_WITHIN_MS = 90_000;

export interface LoneService extends AsyncDisposable {
  readonly endpoint: Endpoint;
  /** How hosts would find it. */
  readonly hostEnvironment: Readonly<Record<string, string>>;
}

/** Tells the proxies' addresses once the container has its ports: there is no proxy, so they are the container's own. */
class UnproxiedResources extends LabResources {
  readonly proxy = Promise.withResolvers<ProxyContainer>();
  readonly #port: number;

  constructor(options: ConstructorParameters<typeof LabResources>[0], port: number) {
    super(options);
    this.#port = port;
  }

  override async start(...[role, spec]: Parameters<LabResources['start']>): Promise<RunningContainer> {
    const container = await super.start(role, spec);
    this.proxy.resolve({ container, url: '', proxied: { [role]: container.endpoint(this.#port) } as Record<ServiceName, Endpoint> });
    return container;
  }
}

/** One service as the provider of containers starts it, its readiness included, but without a proxy in front. */
export async function startLoneService(name: Exclude<ServiceName, 'llm'>, environment: Readonly<Record<string, string>> = {}): Promise<LoneService> {
  const own = services[name].container as ContainerSection;
  const section: ContainerSection = { ...own, environment: { ...own.environment, ...environment } };
  const address = engineAddress(process.env);
  await useEngine(address);
  const resources = new UnproxiedResources(
    { engine: new Engine(address), runId: `contract-${process.pid}-${name}`, keep: false, clock: systemClock, exits: new ExitList(), onEvent: (event) => event.type === 'infra.warning' && process.stderr.write(`${event.message}\n`) },
    section.directPort,
  );
  const context = { seed: '1', logsDir: '', cacheDir: '', llm: { latencyMs: 0, tokensPerSecond: 0 }, hostKey: newCorrelationId() };
  const signal = AbortSignal.timeout(START_WITHIN_MS);
  const remove = async (): Promise<void> => {
    resources.endWatch();
    await resources.remove();
  };
  try {
    await resources.createNetwork(signal);
    const { direct } = await startService({ name, section, resources, toxiproxy: resources.proxy.promise, context, environment: process.env, clock: systemClock, signal });
    return { endpoint: direct, hostEnvironment: services[name].hostEnvironment(direct, context), [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** A container in this machine's own network: what listens on loopback here is on loopback there. */
export async function startOnHostNetwork(name: 'toxiproxy', command: readonly string[]): Promise<AsyncDisposable> {
  const address = engineAddress(process.env);
  await useEngine(address);
  const engine = new Engine(address);
  const runId = `contract-${process.pid}-${name}`;
  const startId = newCorrelationId();
  const spec: ContainerSpec = { name: `netra-${runId}-${startId.slice(0, 8)}`, image: imageOf(name, process.env), network: 'host', ports: [], labels: ownLabels({ runId, startId, keep: false }), command };
  let created: string | undefined;
  const remove = async (): Promise<void> => {
    if (created !== undefined) await engine.removeContainer(created, AbortSignal.timeout(START_WITHIN_MS));
  };
  try {
    await startContainer(spec, (id) => Promise.resolve(void (created = id)));
  } catch (error) {
    await remove();
    throw error;
  }
  return { [Symbol.asyncDispose]: remove };
}
