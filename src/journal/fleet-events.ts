import type { ErrorBody } from '../core/errors.ts';

/** The services that a host depends on. */
export type DependencyName = 'postgres' | 'redis' | 'kafka' | 'llm';

/** What an event is about; absent where it concerns a whole host. */
interface FleetEventBase {
  /** Wall clock of the host, milliseconds since the Unix epoch. */
  readonly at: number;
  readonly host: string;
  /** Counts the events of a host's process from 1: `/events?after=<event_no>` goes on after one. */
  readonly event_no?: number;
  readonly agent?: string;
  readonly correlation_id?: string;
  /** The job's run id (not the lab's). */
  readonly job_id?: string;
  readonly user_id?: string;
}

export interface AgentStartedEvent extends FleetEventBase {
  readonly type: 'agent_started';
  readonly operation?: string;
  readonly attempt?: number;
}
export interface AgentThinkingEvent extends FleetEventBase {
  readonly type: 'agent_thinking';
  readonly operation: string;
  readonly section?: string;
}
export interface AgentCompletedEvent extends FleetEventBase {
  readonly type: 'agent_completed';
  readonly operation: string;
  readonly duration_ms: number;
  readonly level?: string;
}
export interface AgentErrorEvent extends FleetEventBase {
  readonly type: 'agent_error';
  readonly operation: string;
  readonly error: ErrorBody['error'];
}
/**
 * What an agent has done since its sample before; nothing is said of an agent that did nothing. A host with many agents
 * spreads them over the seconds: `interval_ms` differs. The reporting agent tells of each attempt by `agent_started`,
 * `agent_thinking`, `agent_completed` and `agent_error` instead, and is sampled only where it cannot start.
 */
export interface AgentSampledEvent extends FleetEventBase {
  readonly type: 'agent_sampled';
  readonly agent: string;
  readonly interval_ms: number;
  /** Messages and direct calls that were handled, failed ones among them. */
  readonly messages: number;
  /** Of these, and of attempts at starting the agent. */
  readonly errors: number;
  /** Under way now. */
  readonly working: number;
  /** The newest of `errors`, oldest first; at most 5. */
  readonly failed?: readonly AgentFailure[];
}
/** One piece of work that failed. */
export interface AgentFailure {
  readonly operation: string;
  readonly code: string;
  /** At most 300 characters. */
  readonly message: string;
  readonly correlation_id?: string;
  /** Wall clock of the host, milliseconds since the Unix epoch. */
  readonly failed_at: number;
}
export interface CheckpointSavedEvent extends FleetEventBase {
  readonly type: 'checkpoint_saved';
  readonly section: string;
  readonly fencing_token: number;
  readonly bytes: number;
  readonly duration_ms: number;
}
export interface CheckpointResumedEvent extends FleetEventBase {
  readonly type: 'checkpoint_resumed';
  readonly sections: readonly string[];
  readonly fencing_token: number;
  readonly age_seconds: number | null;
}
/** A checkpoint that could not be kept, or was found damaged, foreign or written by a stale writer. */
export interface CheckpointRejectedEvent extends FleetEventBase {
  readonly type: 'checkpoint_rejected';
  readonly section: string;
  readonly reason: 'damaged' | 'foreign' | 'stale_writer' | 'unavailable' | 'too_large';
  readonly detail: string;
}
/** A section of a report is there, from whatever source. */
export interface SectionCompletedEvent extends FleetEventBase {
  readonly type: 'section_completed';
  readonly job_id: string;
  readonly section: string;
  /** `checkpoint`: taken over from an earlier attempt. */
  readonly source: 'model' | 'template' | 'cache' | 'checkpoint';
  /** Markdown of the report, at most 4,000 characters of it. */
  readonly text: string;
  readonly truncated?: true;
}
export interface LevelChangedEvent extends FleetEventBase {
  readonly type: 'level_changed';
  readonly from: number;
  readonly to: number;
  readonly reason: string;
}
export interface DependencyChangedEvent extends FleetEventBase {
  readonly type: 'dependency_changed';
  readonly dependency: DependencyName;
  readonly up: boolean;
  readonly detail: string;
}
/** What a host's own calls to a dependency came to in the time since the sample before; nothing is said of one that was not called. */
export interface DependencySampledEvent extends FleetEventBase {
  readonly type: 'dependency_sampled';
  readonly dependency: DependencyName;
  readonly interval_ms: number;
  /**
   * Attempts that ended, failures among them; probes of the host's own, and what was cancelled, are none. One that the
   * connector refuses at once, knowing the service gone, is a failure without latency.
   */
  readonly calls: number;
  readonly failures: number;
  readonly latency_p50_ms: number;
  readonly latency_max_ms: number;
}
export interface BreakerTransitionEvent extends FleetEventBase {
  readonly type: 'breaker_transition';
  readonly breaker: string;
  readonly from: string;
  readonly to: string;
  /** Where it opens: as in `breaker_sampled`. */
  readonly failure_rate?: number;
  /** Where it opens: until a probe is admitted. */
  readonly probe_in_ms?: number;
}
/** Where a breaker stands; said at most once a second, where state, rate or probe have changed. */
export interface BreakerSampledEvent extends FleetEventBase {
  readonly type: 'breaker_sampled';
  /** As in `breaker_transition`. */
  readonly breaker: string;
  readonly state: string;
  /** 0 to 1, of the newest 20 calls let through since it closed last; null where they are too few to judge by. */
  readonly failure_rate: number | null;
  /** Of which that is the rate. */
  readonly calls: number;
  /** Until the next probe, 0 where the next call will be one; null unless open. */
  readonly probe_in_ms: number | null;
}
export interface RetryScheduledEvent extends FleetEventBase {
  readonly type: 'retry_scheduled';
  readonly operation: string;
  readonly attempt: number;
  readonly delay_ms: number;
  readonly code: string;
}
export interface FallbackTriggeredEvent extends FleetEventBase {
  readonly type: 'fallback_triggered';
  readonly operation: string;
  readonly kind: string;
  readonly detail: string;
}
/** Writes made on the fallback database have reached PostgreSQL. */
export interface DatabaseReconciledEvent extends FleetEventBase {
  readonly type: 'database_reconciled';
  readonly replayed: number;
  readonly already_there: number;
}

/** Everything a host says over WebSocket `/events`: one JSON object a message. */
export type FleetEvent =
  | AgentStartedEvent
  | AgentThinkingEvent
  | AgentCompletedEvent
  | AgentErrorEvent
  | AgentSampledEvent
  | CheckpointSavedEvent
  | CheckpointResumedEvent
  | CheckpointRejectedEvent
  | SectionCompletedEvent
  | LevelChangedEvent
  | DependencyChangedEvent
  | DependencySampledEvent
  | BreakerTransitionEvent
  | BreakerSampledEvent
  | RetryScheduledEvent
  | FallbackTriggeredEvent
  | DatabaseReconciledEvent;

/** An event as the emitting code states it: host and time are added by the host's hub. */
export type FleetEventDraft = FleetEvent extends infer Event ? (Event extends FleetEvent ? Omit<Event, 'at' | 'host' | 'event_no'> : never) : never;
