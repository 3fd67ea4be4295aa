import type { ErrorClass } from '../classify/error-class.ts';

export interface FallbackContext {
  readonly name: string;
  readonly correlationId: string | undefined;
  readonly error: Error;
  readonly errorClass: ErrorClass;
  /** Aborts when the answer is no longer wanted, or took longer than an attempt may. */
  readonly signal: AbortSignal;
}

export interface FallbackAnswer<T> {
  readonly value: T;
  /** Age of a remembered value in milliseconds. */
  readonly ageMs?: number;
}

/** What to answer when a call has finally failed. */
export interface FallbackStrategy<T> {
  /** Shown in events: `cached`, `generated`, `degraded` … */
  readonly kind: string;
  /** Told of each success. */
  remember?(value: T): void;
  /** An answer, or undefined to leave the failure to the next fallback or to the caller. */
  recover(context: FallbackContext): FallbackAnswer<T> | undefined | Promise<FallbackAnswer<T> | undefined>;
}

/** A strategy, or just a function that makes the answer. */
export type Fallback<T> = FallbackStrategy<T> | ((context: FallbackContext) => T | Promise<T>);

export function fallbackStrategy<T>(fallback: Fallback<T>): FallbackStrategy<T> {
  if (typeof fallback !== 'function') return fallback;
  return { kind: 'generated', recover: async (context) => ({ value: await fallback(context) }) };
}
