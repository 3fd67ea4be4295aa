import type { ProbeSlots } from './probe-slots.ts';
import type { Ramp } from './ramp.ts';

/**
 * Where a circuit stands. Times are on the monotonic clock. An `open` whose time is up is still `open`
 * here: nobody holds a timer for it, the next call finds out and becomes the probe.
 */
export type BreakerState =
  | { readonly kind: 'closed'; readonly ramp: Ramp | undefined }
  | { readonly kind: 'open'; readonly untilMs: number; /** Times that it opened without closing in between. */ readonly openings: number }
  | { readonly kind: 'half-open'; readonly probes: ProbeSlots; successes: number; readonly openings: number }
  | { readonly kind: 'isolated'; readonly reason: string; holds: number };

export type BreakerStateKind = BreakerState['kind'];

/** One steady closed state for all breakers: a healthy one owns no state object. */
export const CLOSED: BreakerState = Object.freeze({ kind: 'closed', ramp: undefined });

export interface BreakerTransition {
  readonly key: string;
  readonly from: BreakerStateKind;
  readonly to: BreakerStateKind;
  /** Wall clock, milliseconds since the epoch. */
  readonly at: number;
  readonly reason: string;
  /** Milliseconds until a probe is admitted; 0 unless it opened. */
  readonly retryAfterMs: number;
}
