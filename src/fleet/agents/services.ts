import type { Clock } from '../../core/clock.ts';
import type { Rng } from '../../core/rng.ts';
import type { FleetEventDraft } from '../../journal/fleet-events.ts';
import type { ReliabilityManager } from '../../reliability/index.ts';
import type { CounterName, HistogramName } from '../../telemetry/metrics/registry.ts';
import type { CallOptions } from '../connectors/call.ts';
import type { FleetDatabase } from '../connectors/database/fleet-database.ts';
import type { MessageBus } from '../connectors/bus/message-bus.ts';
import type { Llm } from '../connectors/llm/llm.ts';
import type { RedisStore } from '../connectors/redis/redis-store.ts';
import type { ResilienceSwitches } from './resilience-switches.ts';

/** JSON lines on stderr, with correlation id, breaker and level context (N02, N05). */
export interface Logger {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** A logger that adds `fields` to every line. */
  with(fields: Readonly<Record<string, unknown>>): Logger;
}

/** Counters and timings an agent reports; shown at `/metrics`. Neither throws. */
export interface FleetMetrics {
  count(name: CounterName, labels?: Readonly<Record<string, string>>, by?: number): void;
  observe(name: HistogramName, value: number, labels?: Readonly<Record<string, string>>): void;
}

export interface FleetConfig {
  readonly host: string;
  readonly role: 'business' | 'control' | 'reporting';
  /** The lab's run id. */
  readonly runId: string;
  readonly seed: string;
  readonly resilience: ResilienceSwitches;
  /** Jobs a reporting host works on at once. */
  readonly jobConcurrency: number;
  /** CSV folder for the business agents; undefined = the bundled fixtures. */
  readonly dataDir: string | undefined;
  /** Folder for what this host keeps on disk (SQLite fallback, spilled checkpoints). */
  readonly stateDir: string;
}

/** Asks another agent: over Kafka while it is there, by direct HTTP otherwise (level 2). The answer comes as the agent gave it: parse it with the action's schema. */
export type AskAgent = <Output>(agent: string, action: string, input: object, options?: CallOptions & { readonly userId?: string }) => Promise<Output>;

/** Everything an agent gets from its host; shared by the agents of one process, never global. */
export interface AgentServices {
  readonly config: FleetConfig;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
  readonly metrics: FleetMetrics;
  readonly reliability: ReliabilityManager;
  readonly database: FleetDatabase;
  readonly bus: MessageBus;
  readonly redis: RedisStore;
  readonly llm: Llm;
  readonly ask: AskAgent;
  /** To whoever watches; never throws, never blocks. */
  emit(event: FleetEventDraft): void;
  /** Current degradation level 0–4 of this host (F08). */
  level(): number;
}
