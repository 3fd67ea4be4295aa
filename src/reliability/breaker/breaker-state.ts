/**
 * Where a circuit stands. Times are on the monotonic clock. An `open` whose time is up is still `open`
 * here: nobody holds a timer for it, the next call finds out and becomes the probe.
 */
export type BreakerState =
  | { readonly kind: 'closed'; readonly ramp: Ramp | undefined }
  | { readonly kind: 'open'; readonly untilMs: number; /** Times that it opened without closing in between. */ readonly openings: number }
  | { readonly kind: 'half-open'; readonly probes: Probe[]; successes: number; readonly openings: number }
  | { readonly kind: 'isolated'; readonly reason: string; holds: number };

export type BreakerStateKind = BreakerState['kind'];

/** Calls admitted at a time after closing; doubled by each success, halved by each failure. */
export interface Ramp {
  slots: number;
  inFlight: number;
  readonly endsAtMs: number;
}

export interface Probe {
  readonly ticket: number;
  readonly leaseEndsAtMs: number;
}

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
