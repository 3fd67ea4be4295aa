import { GenericContainer, getContainerRuntimeClient, PullPolicy, type StartedTestContainer, type WaitStrategy } from 'testcontainers';
import type { EngineAddress } from './engine/address.ts';

export interface ContainerSpec {
  readonly name: string;
  readonly image: string;
  readonly network: string;
  /** Its name within the network, which has to be one that was made for the lab. */
  readonly alias?: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Published on the loopback address, on ports that the engine chooses. */
  readonly ports: readonly number[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly inMemory?: readonly string[];
  readonly extraHosts?: readonly { readonly host: string; readonly ipAddress: string }[];
  readonly mounts?: readonly { readonly source: string; readonly target: string }[];
}

/** Ready is what a client says, not what the container's log does: it is asked elsewhere. */
const atOnce: WaitStrategy = {
  waitUntilReady: () => Promise.resolve(),
  withStartupTimeout: () => atOnce,
  isStartupTimeoutSet: () => true,
  getStartupTimeout: () => 0,
};

class LabContainer extends GenericContainer {
  readonly #onCreated: (id: string) => Promise<void>;

  constructor(spec: ContainerSpec, onCreated: (id: string) => Promise<void>) {
    super(spec.image);
    this.#onCreated = onCreated;
    this.withName(spec.name)
      .withLabels({ ...spec.labels })
      .withEnvironment({ ...spec.environment })
      .withNetworkMode(spec.network)
      .withExposedPorts(...spec.ports)
      .withExtraHosts([...(spec.extraHosts ?? [])])
      .withTmpFs(Object.fromEntries((spec.inMemory ?? []).map((path) => [path, 'rw'])))
      .withWaitStrategy(atOnce)
      // Images are fetched before, with progress and an end where none is made; reaping and sweeping are done by our labels.
      .withPullPolicy(PullPolicy.neverPull())
      .withAutoCleanup(false);
    if (spec.command !== undefined) this.withCommand([...spec.command]);
    if (spec.entrypoint !== undefined) this.withEntrypoint([...spec.entrypoint]);
    if (spec.mounts !== undefined) this.withBindMounts(spec.mounts.map((mount) => ({ ...mount })));
    // An alias given by `withNetworkAliases` would put the container on the default network as well.
    if (spec.alias !== undefined) this.createOpts.NetworkingConfig = { EndpointsConfig: { [spec.network]: { Aliases: [spec.alias] } } };
    // Without an address, ports are published on all of the machine's.
    this.hostConfig.PortBindings = Object.fromEntries(spec.ports.map((port) => [`${port}/tcp`, [{ HostIp: '127.0.0.1', HostPort: '0' }]]));
  }

  protected override async containerCreated(containerId: string): Promise<void> {
    await this.#onCreated(containerId);
  }
}

/** @param onCreated called between creation and start; what it throws ends the start and leaves the container created. */
export function startContainer(spec: ContainerSpec, onCreated: (id: string) => Promise<void>): Promise<StartedTestContainer> {
  return new LabContainer(spec, onCreated).start();
}

/** Has testcontainers use this engine: it looks for one by itself, once a process, and knows no other way to be told. */
export async function useEngine({ url }: EngineAddress): Promise<void> {
  const told = { DOCKER_HOST: url, TESTCONTAINERS_HOST_OVERRIDE: '127.0.0.1' };
  const before = Object.keys(told).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, told);
  try {
    await getContainerRuntimeClient();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}
