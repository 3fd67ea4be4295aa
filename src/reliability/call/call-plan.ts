import type { Clock } from '../../core/clock.ts';
import type { Deadline } from '../../core/deadline.ts';
import type { Rng } from '../../core/rng.ts';
import type { CircuitBreaker } from '../breaker/circuit-breaker.ts';
import type { Bulkhead } from '../bulkhead.ts';
import type { ErrorClass } from '../classify/error-class.ts';
import type { StopReason } from '../events.ts';
import type { Fallback } from '../fallback/fallback.ts';
import type { HedgeConfig } from '../hedge.ts';
import type { RetryBudget } from '../retry/retry-budget.ts';
import type { RetryConfig } from '../retry/retry-config.ts';
import type { TimeoutQueue } from '../timeout/timeout-queue.ts';

/** Everything about a call that does not change from one call of its name to the next. */
export interface CallPlan {
  readonly name: string;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly timeouts: TimeoutQueue;
  readonly retry: RetryConfig;
  /** False = neither the request's timeout nor its deadline ends the call. */
  readonly timeLimits: boolean;
  readonly idempotent: boolean;
  readonly breaker: CircuitBreaker | undefined;
  readonly bulkhead: Bulkhead | undefined;
  readonly budget: RetryBudget | undefined;
  readonly hedge: HedgeConfig | undefined;
  readonly observer: CallObserver;
}

/** What is said about one call only. */
export interface CallRequest<T> {
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly deadline?: Deadline | undefined;
  readonly correlationId?: string | undefined;
  readonly idempotencyKey?: string | undefined;
  readonly fallback?: Fallback<T> | undefined;
  readonly parent?: CallContext | undefined;
}

/** Given to the operation, a new one for each attempt. */
export interface CallContext {
  /** From 1. */
  readonly attempt: number;
  /** Aborts, with a typed reason, when this attempt's answer is no longer wanted. Made when first read. */
  readonly signal: AbortSignal;
  /** When this attempt's answer stops being of use; undefined where nothing bounds it. Send it on in `DEADLINE_HEADER`. */
  readonly deadline: Deadline | undefined;
  readonly name: string;
  readonly correlationId: string | undefined;
  /** The same for all attempts of one call: what a server needs to recognise a repetition. */
  readonly idempotencyKey: string | undefined;
}

/** What observers may know of a call. */
export interface CallView {
  readonly correlationId: string | undefined;
  /** Attempts begun so far. */
  readonly attempts: number;
  /** Monotonic. */
  readonly startedAtMs: number;
}

/** Told what happens to a call; must not throw. */
export interface CallObserver {
  began(call: CallView): void;
  succeeded(call: CallView): void;
  /** The call has finally failed; a fallback may still answer. */
  failed(call: CallView, error: Error, errorClass: ErrorClass): void;
  /** The failure reaches the caller. */
  rejected(call: CallView, error: Error, errorClass: ErrorClass): void;
  retrying(call: CallView, error: Error, errorClass: ErrorClass, delayMs: number): void;
  gaveUp(call: CallView, error: Error, errorClass: ErrorClass, why: StopReason): void;
  timedOut(call: CallView, timeoutMs: number, scope: 'attempt' | 'total' | 'deadline'): void;
  hedged(call: CallView, afterMs: number): void;
  refusedByBreaker(call: CallView, breaker: CircuitBreaker): void;
  refusedByBulkhead(call: CallView, bulkhead: Bulkhead): void;
  fellBack(call: CallView, error: Error, errorClass: ErrorClass, fallback: string, ageMs: number | undefined): void;
  fallbackFailed(call: CallView, error: Error, errorClass: ErrorClass, fallback: string): void;
  /** A hook of the user threw. */
  hookFailed(error: unknown): void;
}
