import type { Rng } from '../../core/rng.ts';

/** What a strategy may look at. It is a pure function of this: it keeps nothing between calls. */
export interface BackoffInput {
  /** Number of the attempt that has just failed, from 1. */
  readonly attempt: number;
  /** The wait before that attempt, 0 before the first. */
  readonly previousDelayMs: number;
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
  /** Base of the exponential, degree of the polynomial; the others do not use it. */
  readonly multiplier: number;
  readonly rng: Rng;
}

/** Milliseconds before jitter and cap; may overflow to Infinity, never NaN. */
export type BackoffStrategy = (input: BackoffInput) => number;
