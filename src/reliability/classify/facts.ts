import type { ErrorClass, ErrorKind } from './error-class.ts';

/** What the rules of all clients say in the same words. */
export type Facts = Pick<ErrorClass, 'kind' | 'retriable' | 'maybeExecuted' | 'blame'>;

export const notReached: Facts = { kind: 'connection', retriable: true, maybeExecuted: false, blame: 'dependency' };
/** The line broke after it stood: what was sent may have arrived. */
export const broken: Facts = { kind: 'connection', retriable: true, maybeExecuted: true, blame: 'dependency' };
export const slow: Facts = { kind: 'timeout', retriable: true, maybeExecuted: true, blame: 'dependency' };
/** No connection within the time given. */
export const slowConnect: Facts = { kind: 'timeout', retriable: true, maybeExecuted: false, blame: 'dependency' };
/** It answered that it cannot serve now, and did nothing. */
export const unavailable: Facts = { kind: 'unavailable', retriable: true, maybeExecuted: false, blame: 'dependency' };
/** It failed in the middle of the work. */
export const crashed: Facts = { kind: 'unavailable', retriable: true, maybeExecuted: true, blame: 'dependency' };
export const cancelled: Facts = { kind: 'cancelled', retriable: false, maybeExecuted: true, blame: 'not-asked' };
/** Others are served: neither a sick dependency nor a proof of health. */
export const rateLimited: Facts = { kind: 'rate-limit', retriable: true, maybeExecuted: false, blame: 'not-asked' };
/** A lock, a deadlock, a lost race: it was rolled back and will go through later. */
export const contended: Facts = { kind: 'conflict', retriable: true, maybeExecuted: false, blame: 'none' };
/** This machine is short of something; waiting helps, the dependency is not to blame. */
export const exhausted: Facts = { kind: 'unavailable', retriable: true, maybeExecuted: false, blame: 'not-asked' };

/** The dependency is well and says no: the same request will be refused again. */
export function refusedAs(kind: ErrorKind): Facts {
  return { kind, retriable: false, maybeExecuted: false, blame: 'none' };
}

/** The client refused to send it: a mistake of the program. */
export const misuse: Facts = { kind: 'bug', retriable: false, maybeExecuted: false, blame: 'not-asked' };

export function classOf(facts: Facts, source: ErrorClass['source'], retryAfterMs?: number): ErrorClass {
  return { ...facts, retryAfterMs, source };
}
