import type { Clock } from '../../core/clock.ts';
import type { Endpoint, LlmOptions, ServiceName } from '../provider.ts';
import type { ImageName } from '../providers/containers/images.ts';

/** What services are told of a run; JSON, since it is handed to other processes. */
export interface ServiceContext {
  readonly seed: string;
  readonly logsDir: string;
  readonly cacheDir: string;
  readonly llm: LlmOptions;
  /** What hosts authenticate with where a service asks for it; worth nothing outside the run. */
  readonly hostKey: string;
  /** An address of this machine, beside loopback, where a proxy that runs in a container reaches it. */
  readonly alsoListenOn?: string;
}

export interface EmbeddedServer extends AsyncDisposable {
  /** Beside the proxy. */
  readonly direct: Endpoint;
  /** Where the proxy connects to; for most the same. */
  readonly upstream: Endpoint;
  /** Told once the proxy's address is known, by those that tell their clients an address. */
  proxied?(endpoint: Endpoint): void;
}

export interface EmbeddedOptions extends ServiceContext {
  readonly clock: Clock;
  /** A sentence about what costs time or is lost, but does not end the service. */
  readonly warn: (message: string) => void;
  /** The server cannot go on; its process is to end. */
  readonly fail: (error: unknown) => void;
}

/** A service as a container: one that speaks the same protocol behind the same environment variables. */
export interface ContainerSection {
  readonly image: ImageName;
  /** For the lab, published beside the proxy. */
  readonly directPort: number;
  /** What the proxy connects to; for most the same. */
  readonly upstreamPort: number;
  readonly environment: Readonly<Record<string, string>>;
  /** Goes before the image's own. */
  readonly command?: readonly string[];
  /** In memory: there is nothing to keep, and a disk that is shared is slow. */
  readonly inMemory?: readonly string[];
  /**
   * Of those that tell their clients an address, which is known only once the container has its ports: the shell script to
   * run then, in place of the image's own entry.
   */
  startScript?(addresses: { readonly direct: Endpoint; readonly proxied: Endpoint }): string;
}

/** One file a service. Heavy modules load inside its functions. */
export interface ServiceDefinition {
  readonly name: ServiceName;
  readonly embedded: {
    /** `own` for a server that holds up its event loop and would hold up its neighbours' as well. */
    readonly process: 'own' | 'shared';
    /** Throws InfraUnavailable with a sentence where the machine is in the way. */
    start(options: EmbeddedOptions): Promise<EmbeddedServer>;
  };
  /** Absent where there is no image: the lab's own server does in all providers. */
  readonly container?: ContainerSection;
  /**
   * Resolves once a client would be served at `endpoint`, the proxy's. Rejects as long as it would not, and is asked
   * again then; with InfraUnavailable where asking again is of no use.
   */
  probe(endpoint: Endpoint, context: ServiceContext, signal: AbortSignal): Promise<void>;
  /** Environment variables of the fleet protocol by which hosts find it. */
  hostEnvironment(endpoint: Endpoint, context: ServiceContext): Readonly<Record<string, string>>;
}
