import type { Clock } from '../../../core/clock.ts';
import { serviceNames, type Endpoint, type ServiceName } from '../../provider.ts';
import { services } from '../../services/index.ts';
import { waitUntilReady } from '../ready.ts';
import type { HostGateway } from './host-gateway.ts';
import { imageOf } from './images.ts';
import type { LabResources } from './resources.ts';
import type { RunningContainer } from './running-container.ts';

const API_PORT = 8474;
const FIRST_PROXY_PORT = 20_000;
const PAUSE_MS = 30;

export interface ProxyContainer {
  readonly container: RunningContainer;
  /** Of its HTTP API. */
  readonly url: string;
  readonly proxied: Readonly<Record<ServiceName, Endpoint>>;
}

export interface ToxiproxyOptions {
  readonly resources: LabResources;
  readonly gateway: HostGateway;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onReady: (url: string, endpoint: Endpoint, container: RunningContainer, readyMs: number) => void;
}

/** Toxiproxy with a proxy for each service, whether that is there yet or not: it looks for it when a client comes. */
export async function startToxiproxy({ resources, gateway, environment, clock, signal, onReady }: ToxiproxyOptions): Promise<ProxyContainer> {
  const ports = Object.fromEntries(serviceNames.map((name, index) => [name, FIRST_PROXY_PORT + index])) as Record<ServiceName, number>;
  const container = await resources.start('toxiproxy', { image: imageOf('toxiproxy', environment), ports: [API_PORT, ...Object.values(ports)], extraHosts: gateway.extraHosts });
  const startedMs = clock.monotonicMs();
  const endpoint = container.endpoint(API_PORT);
  const url = `http://${endpoint.host}:${endpoint.port}`;
  await container.whileRunning(waitUntilReady('toxiproxy', () => askVersion(url, signal), clock, signal, PAUSE_MS));
  onReady(url, endpoint, container, clock.monotonicMs() - startedMs);
  const { Toxiproxy } = await import('toxiproxy-node-client');
  const client = new Toxiproxy(url);
  await container.whileRunning(
    Promise.all(
      serviceNames.map(async (name) => {
        const section = services[name].container;
        const { host, port } = section === undefined ? await gateway.upstream() : { host: name, port: section.upstreamPort };
        await client.createProxy({ name, listen: `0.0.0.0:${ports[name]}`, upstream: `${host}:${port}` });
      }),
    ),
  );
  return { container, url, proxied: Object.fromEntries(serviceNames.map((name) => [name, container.endpoint(ports[name])])) as Record<ServiceName, Endpoint> };
}

async function askVersion(url: string, signal: AbortSignal): Promise<void> {
  const answer = await fetch(`${url}/version`, { signal, headers: { connection: 'close' } });
  await answer.text();
  if (!answer.ok) throw new Error(`Toxiproxy answers with status ${answer.status}`);
}
