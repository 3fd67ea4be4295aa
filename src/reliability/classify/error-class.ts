/**
 * What an error says about the call and the dependency. `connection`: not reached, or the line broke.
 * `unavailable`: reached, but it says that it cannot serve now. `rate-limit`: it serves others.
 * `refused`: this library did not send the call. `cancelled`: the caller no longer wants it.
 */
export type ErrorKind =
  | 'connection'
  | 'timeout'
  | 'unavailable'
  | 'rate-limit'
  | 'auth'
  | 'not-found'
  | 'conflict'
  | 'invalid'
  | 'serialization'
  | 'refused'
  | 'cancelled'
  | 'bug'
  | 'unknown';

export interface ErrorClass {
  readonly kind: ErrorKind;
  /** Whether the same request may succeed later. Not yet a licence to repeat it: see `maybeExecuted`. */
  readonly retriable: boolean;
  /** The dependency may have carried the request out: repeat only what is idempotent. */
  readonly maybeExecuted: boolean;
  /** What it means for the breaker: the dependency is sick, it answered and is well, or it was not asked. */
  readonly blame: 'dependency' | 'none' | 'not-asked';
  readonly retryAfterMs: number | undefined;
  /** Which library's rules recognised it. */
  readonly source: 'netra' | 'node' | 'http' | 'redis' | 'kafka' | 'postgres' | 'sqlite' | 'websocket' | 'javascript' | 'unknown';
}

/** Of a call that the caller gave up: neutral for breaker, health and retries. */
export const cancelledClass: ErrorClass = Object.freeze({
  kind: 'cancelled',
  retriable: false,
  maybeExecuted: true,
  blame: 'not-asked',
  retryAfterMs: undefined,
  source: 'netra',
});

/** Of a call that a breaker or bulkhead of ours did not let through. */
export function refusedClass(retryAfterMs: number | undefined): ErrorClass {
  return { kind: 'refused', retriable: false, maybeExecuted: false, blame: 'not-asked', retryAfterMs, source: 'netra' };
}

/** One library's knowledge of its own errors; undefined for an error that it does not know. Structural: codes and names, never `instanceof`. */
export type ErrorRule = (error: ErrorLike, context: ClassifyContext) => ErrorClass | undefined;

export interface ClassifyContext {
  /** Wall clock, for Retry-After dates. */
  readonly wallNowMs: number;
  /** Classifies another error, normally a cause. */
  readonly classify: (error: unknown) => ErrorClass;
}

/** The members by which errors of the known clients are told apart. */
export interface ErrorLike {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly code?: unknown;
  readonly errcode?: unknown;
  readonly syscall?: unknown;
  readonly type?: unknown;
  readonly status?: unknown;
  readonly statusCode?: unknown;
  readonly headers?: unknown;
  readonly cause?: unknown;
  readonly retriable?: unknown;
  readonly retryAfterMs?: unknown;
  readonly maybeExecuted?: unknown;
  readonly errors?: unknown;
  readonly severity?: unknown;
  readonly recovery?: unknown;
}
