import type { ErrorClass, ErrorKind } from '../classify/error-class.ts';

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

/** What to answer when a call has finally failed. Never asked for a call that was cancelled. */
export interface FallbackStrategy<T> {
  /** Shown in events: `cached`, `generated`, `degraded` … */
  readonly kind: string;
  /** Told of each success of the call `name`. */
  remember?(value: T, name: string): void;
  /** An answer, or undefined to leave the failure to the next fallback or to the caller. */
  recover(context: FallbackContext): FallbackAnswer<T> | undefined | Promise<FallbackAnswer<T> | undefined>;
}

/** A strategy, or just a function that makes the answer. */
export type Fallback<T> = FallbackStrategy<T> | ((context: FallbackContext) => T | Promise<T>);

/**
 * Kinds of error that a substitute may cover: the dependency could not answer. An answer like "not
 * found" or "not allowed" is an answer; covering it up would show what was deleted or forbidden.
 */
export const outageKinds: readonly ErrorKind[] = Object.freeze(['connection', 'timeout', 'unavailable', 'rate-limit', 'serialization', 'refused', 'unknown']);

export function fallbackStrategy<T>(fallback: Fallback<T>): FallbackStrategy<T> {
  return typeof fallback === 'function' ? generatedFallback(fallback) : fallback;
}

/**
 * A default answer, made when it is needed.
 * @param kinds errors that it answers; @default all
 */
export function generatedFallback<T>(generate: (context: FallbackContext) => T | Promise<T>, kinds?: readonly ErrorKind[]): FallbackStrategy<T> {
  return {
    kind: 'generated',
    recover: async (context) => (kinds === undefined || kinds.includes(context.errorClass.kind) ? { value: await generate(context) } : undefined),
  };
}

/** The first of `fallbacks` that has an answer; one that throws is passed over, unless it is the last. */
export function firstOf<T>(...fallbacks: readonly Fallback<T>[]): FallbackStrategy<T> {
  const strategies = fallbacks.map((fallback) => fallbackStrategy(fallback));
  return {
    kind: strategies.map((strategy) => strategy.kind).join(', else '),
    remember: (value, name) => {
      for (const strategy of strategies) strategy.remember?.(value, name);
    },
    recover: async (context) => {
      let failure: { readonly error: unknown } | undefined;
      for (const strategy of strategies) {
        try {
          const answer = await strategy.recover(context);
          if (answer !== undefined) return answer;
          failure = undefined;
        } catch (error) {
          failure = { error };
        }
        context.signal.throwIfAborted();
      }
      if (failure !== undefined) throw failure.error;
      return undefined;
    },
  };
}
