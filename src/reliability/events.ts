import type { BreakerTransition, BreakerStateKind } from './breaker/breaker-state.ts';
import type { ErrorKind } from './classify/error-class.ts';
import type { ProfileName } from './profiles.ts';

/** What every event of one call carries. */
interface CallFacts {
  /** The name given to `executeSafely`. */
  readonly name: string;
  /** The part of the name before its first `.`, `:` or `/`: the dependency. */
  readonly service: string;
  readonly profile: ProfileName;
  readonly correlationId: string | undefined;
  /** Wall clock, milliseconds since the epoch. */
  readonly at: number;
}

interface ErrorFacts {
  readonly error: Error;
  readonly errorKind: ErrorKind;
}

/** Why a failed call was not tried again. */
export type StopReason =
  | 'attempts-used-up'
  | 'not-retriable'
  | 'not-idempotent'
  | 'already-retried'
  | 'budget-used-up'
  | 'circuit-open'
  | 'out-of-time'
  | 'retry-after-too-long';

export type ReliabilityEvent =
  | (CallFacts & { readonly type: 'agent_thinking' })
  | (CallFacts & { readonly type: 'agent_completed'; readonly durationMs: number; readonly attempts: number })
  | (CallFacts & ErrorFacts & { readonly type: 'agent_error'; readonly durationMs: number; readonly attempts: number })
  | (CallFacts & { readonly type: 'call.completed'; readonly outcome: 'success' | 'error' | 'cancelled' | 'fallback'; readonly durationMs: number; readonly attempts: number })
  | (CallFacts & ErrorFacts & { readonly type: 'call.retry'; readonly attempt: number; readonly delayMs: number })
  | (CallFacts & ErrorFacts & { readonly type: 'call.gave_up'; readonly attempt: number; readonly why: StopReason })
  | (CallFacts & { readonly type: 'call.timeout'; readonly attempt: number; readonly timeoutMs: number; readonly scope: 'attempt' | 'total' | 'deadline' })
  | (CallFacts & { readonly type: 'call.hedged'; readonly attempt: number; readonly afterMs: number })
  | (CallFacts & { readonly type: 'bulkhead.rejected'; readonly maxConcurrent: number; readonly maxQueued: number })
  | (CallFacts & { readonly type: 'breaker.refused'; readonly key: string; readonly state: BreakerStateKind; readonly retryAfterMs: number })
  | (CallFacts & ErrorFacts & { readonly type: 'fallback.used'; readonly fallback: string; readonly ageMs: number | undefined })
  | (CallFacts & ErrorFacts & { readonly type: 'fallback.failed'; readonly fallback: string })
  | (BreakerTransition & { readonly type: 'breaker.transition' });

export type ReliabilityEventType = ReliabilityEvent['type'];
