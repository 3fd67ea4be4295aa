import { createServer } from 'node:net';
import type { Clock } from '../../../core/clock.ts';
import { EmbeddedProcess } from '../../embedded/process.ts';
import { InfraUnavailable } from '../../error-codes.ts';
import type { Endpoint, InfraEvent, ServiceName } from '../../provider.ts';
import { services } from '../../services/index.ts';
import type { ServiceContext } from '../../services/service.ts';
import type { ExitList } from '../exit-list.ts';
import { waitUntilReady } from '../ready.ts';
import type { ProxyContainer } from './start-toxiproxy.ts';
import { withTimeLimit } from './time-limit.ts';

const REACHED_WITHIN_MS = 20_000;
const PAUSE_MS = 50;
/** By which containers reach the machine where the engine runs in a virtual one (Docker Desktop, Podman machine). */
const MACHINE_NAME = 'host.docker.internal';

export interface HostGatewayOptions {
  readonly context: ServiceContext;
  readonly clock: Clock;
  /** Address of the engine's machine in the containers' network. */
  readonly machine: string | undefined;
  readonly exits: ExitList;
  readonly onEvent: (event: InfraEvent) => void;
  readonly signal: AbortSignal;
}

/** The lab's own LLM gateway, in a process on this machine, which the proxy's container reaches. */
export class HostGateway {
  readonly #process: EmbeddedProcess;
  readonly #options: HostGatewayOptions;
  readonly #ownAddress: string | undefined;
  #direct: Endpoint | undefined;

  private constructor(options: HostGatewayOptions, ownAddress: string | undefined) {
    const { context, clock, exits, onEvent } = options;
    this.#options = options;
    this.#ownAddress = ownAddress;
    this.#process = new EmbeddedProcess({
      components: ['llm'],
      context: ownAddress === undefined ? context : { ...context, alsoListenOn: ownAddress },
      clock,
      onWarning: (service, message) => onEvent({ type: 'infra.warning', service, message }),
    });
    void this.#process.exited.then((exit) => exits.add(exit));
  }

  /** Throws InfraUnavailable where the process cannot be made; it need not listen yet. */
  static async start(options: HostGatewayOptions): Promise<HostGateway> {
    const { machine } = options;
    return new HostGateway(options, machine !== undefined && (await isOwnAddress(machine)) ? machine : undefined);
  }

  /** Names that the proxy's container has to know. */
  get extraHosts(): readonly { readonly host: string; readonly ipAddress: string }[] {
    return this.#ownAddress === undefined ? [{ host: MACHINE_NAME, ipAddress: 'host-gateway' }] : [];
  }

  /** Beside the proxy; known once it was `reached`. */
  get direct(): Endpoint {
    if (this.#direct === undefined) throw new InfraUnavailable('The LLM gateway was not reached yet.');
    return this.#direct;
  }

  /** Where the proxy's container finds it. */
  async upstream(): Promise<Endpoint> {
    const { direct, upstream } = await this.#process.listening('llm');
    return this.#ownAddress === undefined ? { host: MACHINE_NAME, port: direct.port } : upstream;
  }

  /** Resolves with the proxy's address once a client is answered there. */
  async reached(name: ServiceName, proxy: Promise<ProxyContainer>): Promise<Endpoint> {
    const { context, clock, signal } = this.#options;
    this.#direct = (await this.#process.listening('llm')).direct;
    const { container, proxied } = await proxy;
    const { host, port } = await this.upstream();
    const blocked = (): Error =>
      new InfraUnavailable(`The proxy's container does not reach this machine at ${host}:${port}. A firewall may be in the way: \`sudo ufw allow from 172.16.0.0/12\` lets containers in; \`--infra embedded\` needs none.`);
    await container.whileRunning(withTimeLimit(clock, REACHED_WITHIN_MS, signal, blocked, (within) => waitUntilReady(name, () => services[name].probe(proxied[name], context, within), clock, within, PAUSE_MS)));
    return proxied[name];
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }
}

/** Whether servers here can listen on it. Asked by doing so: a bridge that nothing is attached to is not among the interfaces that Node lists. */
function isOwnAddress(address: string): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen({ host: address, port: 0 }, () => server.close(() => resolve(true)));
  });
}
