import { raceAbort } from '../../../core/abort.ts';
import type { Clock } from '../../../core/clock.ts';
import type { Endpoint, ServiceName } from '../../provider.ts';
import { services } from '../../services/index.ts';
import type { ContainerSection, ServiceContext } from '../../services/service.ts';
import { waitUntilReady } from '../ready.ts';
import { imageOf } from './images.ts';
import type { LabResources } from './resources.ts';
import type { RunningContainer } from './running-container.ts';
import type { ProxyContainer } from './start-toxiproxy.ts';

const PAUSE_MS = 50;
const SCRIPT = '/tmp/netra-start.sh';
/** Last line of the script: a file is there before all of it is. */
const WHOLE = '# whole';
const awaitScript = ['sh', '-c', `until grep -qs '^${WHOLE}$' ${SCRIPT}; do sleep 0.05; done; exec sh ${SCRIPT}`];

export interface ServiceStartOptions {
  readonly name: ServiceName;
  readonly section: ContainerSection;
  readonly resources: LabResources;
  readonly toxiproxy: Promise<ProxyContainer>;
  readonly context: ServiceContext;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface StartedService {
  readonly container: RunningContainer;
  readonly direct: Endpoint;
  readonly proxied: Endpoint;
  /** From the container's start to a client's first answer. */
  readonly readyMs: number;
}

/** Resolves once a client is served through the proxy. Throws InfraUnavailable. */
export async function startService({ name, section, resources, toxiproxy, context, environment, clock, signal }: ServiceStartOptions): Promise<StartedService> {
  const { directPort, command, inMemory } = section;
  const waits = section.startScript !== undefined;
  const container = await resources.start(name, {
    image: imageOf(section.image, environment),
    ports: [directPort],
    environment: section.environment,
    ...(inMemory === undefined ? {} : { inMemory }),
    ...(waits ? { entrypoint: awaitScript, command: [] } : command === undefined ? {} : { command }),
  });
  const startedMs = clock.monotonicMs();
  const direct = container.endpoint(directPort);
  const proxied = (await container.whileRunning(raceAbort(toxiproxy, signal))).proxied[name];
  const script = section.startScript?.({ direct, proxied });
  if (script !== undefined) await container.started.copyContentToContainer([{ content: `${script}${WHOLE}\n`, target: SCRIPT, mode: 0o755 }]);
  await container.whileRunning(waitUntilReady(name, () => services[name].probe(proxied, context, signal), clock, signal, PAUSE_MS));
  return { container, direct, proxied, readyMs: clock.monotonicMs() - startedMs };
}
