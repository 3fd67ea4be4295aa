import type { Clock } from '../core/clock.ts';
import type { Unsubscribe } from '../core/emitter.ts';

/** What a fleet depends on. A service's Toxiproxy proxy has the service's name. */
export const serviceNames = ['postgres', 'redis', 'kafka', 'llm'] as const;
export type ServiceName = (typeof serviceNames)[number];

export const providerNames = ['embedded', 'containers', 'external'] as const;
export type ProviderName = (typeof providerNames)[number];

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** Where traffic of a service can be broken; several names where a service has several addresses. */
export interface ServiceProxies {
  /** HTTP API of the Toxiproxy that has them. */
  readonly toxiproxyUrl: string;
  readonly names: readonly string[];
}

export interface RunningService {
  readonly name: ServiceName;
  /** Beside the proxy: for the lab itself. */
  readonly direct: Endpoint;
  /** Through Toxiproxy: the only address that hosts are told. */
  readonly proxied: Endpoint;
  /** @default the proxy of the service's name in the run's Toxiproxy */
  readonly proxies?: ServiceProxies;
  /** From `start` called to a client's first answer. */
  readonly startedInMs: number;
}

export interface LlmOptions {
  /** OpenAI-compatible base URL (`https://host/v1`) to forward to; without it the built-in model answers. */
  readonly url?: string;
  /** The model that hosts ask for, and that the gateway asks `url` for. @default 'netra-builtin' */
  readonly model?: string;
  /** Key for `url`; hosts never see it, they get a key that is worth nothing. */
  readonly apiKey?: string;
  /** Built-in model: milliseconds to the first token. */
  readonly latencyMs: number;
  /** Built-in model: speed after the first token; 0 = unlimited. */
  readonly tokensPerSecond: number;
}

export type InfraComponent = ServiceName | 'toxiproxy';

/** How long each step of bringing up a container took, in milliseconds. */
export interface StartPhases {
  /** Fetching the image; 0 where it was there. */
  readonly pullMs: number;
  readonly createMs: number;
  readonly startMs: number;
  /** From the container's start to a client's first answer. */
  readonly readyMs: number;
}

/** What is worth telling while services start and run; nothing here is an error of the run. */
export type InfraEvent =
  | { readonly type: 'infra.service_ready'; readonly service: InfraComponent; readonly endpoint: Endpoint; readonly startedInMs: number; readonly phases?: StartPhases }
  | { readonly type: 'infra.warning'; readonly service: InfraComponent | 'engine'; readonly message: string }
  /** An image is being fetched: told when it begins, every few seconds, and when it is there. */
  | { readonly type: 'infra.image_pull'; readonly service: InfraComponent; readonly image: string; readonly receivedBytes: number; readonly totalBytes: number; readonly done: boolean }
  /** Told by `stop` where services were to stay up. */
  | { readonly type: 'infra.kept'; readonly endpoints: readonly { readonly service: InfraComponent; readonly url: string }[]; readonly removeCommand: string };

/** A process or container of the infrastructure that ended without having been asked to. */
export interface UnexpectedExit {
  readonly services: readonly InfraComponent[];
  /** null for a container. */
  readonly pid: number | null;
  /** Name of the container; absent for a process. */
  readonly container?: string;
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The end of its error output; empty where it wrote none. */
  readonly stderrTail: string;
}

export interface InfraOptions {
  readonly runId: string;
  readonly seed: string;
  /** Existing folder; the LLM gateway's log and the servers' error output go there. */
  readonly logsDir: string;
  /** Made where it is absent; one that cannot be written to costs start-up time, not the run. */
  readonly cacheDir: string;
  readonly llm: LlmOptions;
  readonly clock: Clock;
  /** Ends a start under way; what was started by then is stopped again. */
  readonly signal: AbortSignal;
  readonly onEvent?: (event: InfraEvent) => void;
}

export interface RunningInfra extends AsyncDisposable {
  readonly provider: ProviderName;
  readonly services: Readonly<Record<ServiceName, RunningService>>;
  /** HTTP API of Toxiproxy: `http://127.0.0.1:43117`. */
  readonly toxiproxyUrl: string;
  /** NETRA_REDIS_URL, NETRA_KAFKA_BROKERS, NETRA_DATABASE_URL, NETRA_LLM_BASE_URL, NETRA_LLM_API_KEY, NETRA_LLM_MODEL; all through the proxies. */
  readonly hostEnvironment: Readonly<Record<string, string>>;
  /** NDJSON, one line when a request is received and one when it is answered or aborted. */
  readonly llmLogPath: string;
  /** Called for each process that ends before `stop`; also for those that had ended before the listener came. */
  onUnexpectedExit(listener: (exit: UnexpectedExit) => void): Unsubscribe;
  /** Resolves when no process is left; a second call waits for the first. */
  stop(): Promise<void>;
}

export function proxiesOf({ services, toxiproxyUrl }: Pick<RunningInfra, 'services' | 'toxiproxyUrl'>, service: ServiceName): ServiceProxies {
  return services[service].proxies ?? { toxiproxyUrl, names: [service] };
}

export interface InfraProvider {
  readonly name: ProviderName;
  /** Throws InfraUnavailable with one sentence that says what is in the way; nothing is left running then. */
  start(options: InfraOptions): Promise<RunningInfra>;
}
