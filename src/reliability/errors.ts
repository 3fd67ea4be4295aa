import { NetraError, type NetraErrorOptions } from '../core/errors.ts';
import { formatProblem, type Problem } from '../core/problems.ts';
import { reliabilityErrorCodes as codes } from './error-codes.ts';

/**
 * Builds an error without capturing a stack: capturing costs ~3 µs, and a refusal is made exactly
 * when everything is being refused. Its place is told by key and name, not by frames of this library.
 */
export function stackless<E extends Error>(make: () => E): E {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = limit;
  }
}

export type RefusingState = 'open' | 'half-open' | 'ramping' | 'isolated';

/** The breaker of `key` refused the call; nothing was sent. Trying before `retryAfterMs` is pointless. */
export class CircuitBreakerOpenError extends NetraError {
  override readonly retryAfterMs: number;
  readonly key: string;
  readonly state: RefusingState;

  constructor(key: string, state: RefusingState, retryAfterMs: number) {
    super('CIRCUIT_OPEN', codes.CIRCUIT_OPEN, `circuit "${key}" is ${state}: try again in ${Math.ceil(retryAfterMs)} ms`);
    this.key = key;
    this.state = state;
    this.retryAfterMs = retryAfterMs;
  }
}

/** No answer within `timeoutMs`; the signal given to the operation was aborted with this error. */
export class TimeoutError extends NetraError {
  readonly timeoutMs: number;
  /** Whether one attempt or the whole call (attempts and waits) ran out of time. */
  readonly scope: 'attempt' | 'total';
  /** False where the time ran out before anything was sent. */
  readonly maybeExecuted: boolean;

  constructor(name: string, timeoutMs: number, scope: 'attempt' | 'total', maybeExecuted = true, options?: NetraErrorOptions) {
    super('CALL_TIMEOUT', codes.CALL_TIMEOUT, `${name}: no answer within ${Math.round(timeoutMs)} ms (${scope} timeout)`, options);
    this.timeoutMs = timeoutMs;
    this.scope = scope;
    this.maybeExecuted = maybeExecuted;
  }
}

/** The caller's deadline passed; never retried, since no later answer is of use. */
export class DeadlineExceededError extends NetraError {
  /** False where the deadline had passed before anything was sent. */
  readonly maybeExecuted: boolean;

  constructor(name: string, maybeExecuted: boolean, options?: NetraErrorOptions) {
    super('DEADLINE_EXCEEDED', codes.DEADLINE_EXCEEDED, `${name}: the deadline of the job has passed`, options);
    this.maybeExecuted = maybeExecuted;
  }
}

/** The bulkhead of `key` and its queue are full; nothing was sent. */
export class BulkheadFullError extends NetraError {
  readonly key: string;

  constructor(key: string, maxConcurrent: number, maxQueued: number) {
    super('BULKHEAD_FULL', codes.BULKHEAD_FULL, `bulkhead "${key}" is full: ${maxConcurrent} calls in flight, ${maxQueued} waiting`);
    this.key = key;
  }
}

/** Reason given to the signals of the attempts that lost a hedged call. */
export class HedgeLostError extends NetraError {
  constructor(name: string) {
    super('HEDGE_LOST', codes.HEDGE_LOST, `${name}: another attempt of this hedged call answered first`);
  }
}

export class ReliabilityConfigError extends NetraError {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super('RELIABILITY_CONFIG_INVALID', codes.RELIABILITY_CONFIG_INVALID, problems.map(formatProblem).join('\n'));
    this.problems = problems;
  }
}

export class BreakerStateError extends NetraError {
  constructor(what: string, options?: NetraErrorOptions) {
    super('BREAKER_STATE_UNREADABLE', codes.BREAKER_STATE_UNREADABLE, `stored circuit breaker state: ${what}`, options);
  }
}
