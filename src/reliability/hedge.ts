/** A second attempt beside a slow first one; only calls declared idempotent are hedged. */
export interface HedgeConfig {
  /** Milliseconds without an answer after which another attempt is started; about the 95th percentile of healthy calls. */
  readonly delayMs: number;
  /** Attempts beside the first. @default 1 */
  readonly maxHedges?: number;
}
