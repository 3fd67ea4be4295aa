import type { ErrorBody } from '../core/errors.ts';

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
export interface LevelChangedEvent extends FleetEventBase {
  readonly type: 'level_changed';
  readonly from: number;
  readonly to: number;
  readonly reason: string;
}
export interface DependencyChangedEvent extends FleetEventBase {
  readonly type: 'dependency_changed';
  readonly dependency: 'postgres' | 'redis' | 'kafka' | 'llm';
  readonly up: boolean;
  readonly detail: string;
}
export interface BreakerTransitionEvent extends FleetEventBase {
  readonly type: 'breaker_transition';
  readonly breaker: string;
  readonly from: string;
  readonly to: string;
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
  | CheckpointSavedEvent
  | CheckpointResumedEvent
  | CheckpointRejectedEvent
  | LevelChangedEvent
  | DependencyChangedEvent
  | BreakerTransitionEvent
  | RetryScheduledEvent
  | FallbackTriggeredEvent
  | DatabaseReconciledEvent;

/** An event as the emitting code states it: host and time are added by the host's hub. */
export type FleetEventDraft = FleetEvent extends infer Event ? (Event extends FleetEvent ? Omit<Event, 'at' | 'host' | 'event_no'> : never) : never;
