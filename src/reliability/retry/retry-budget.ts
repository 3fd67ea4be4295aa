import type { Clock } from '../../core/clock.ts';

/** What so many calls earn may be saved up, no more: an hour of calm must not pay for a storm. */
const SAVED_CALLS = 500;

export interface RetryBudgetConfig {
  /** Retries earned by one call: 0.2 = one retry for five calls. */
  readonly ratio: number;
  /** Retries in hand at the start, so that the first failures of a quiet program are retried too. */
  readonly reserve: number;
  /** Retries earned per second whatever the traffic, up to the reserve. */
  readonly refillPerSecond: number;
}

/**
 * Token bucket (the Finagle and Tower "retry budget") shared by retries and hedges of all calls to
 * one dependency: when everything fails, the extra load stays a share of the load instead of a
 * multiple. Granted since the start ≤ reserve + ratio·calls + refillPerSecond·seconds.
 */
export class RetryBudget {
  readonly #clock: Clock;
  readonly #config: RetryBudgetConfig;
  readonly #capacity: number;
  #tokens: number;
  #refilledAtMs: number;

  constructor(clock: Clock, config: RetryBudgetConfig) {
    this.#clock = clock;
    this.#config = config;
    this.#capacity = config.reserve + SAVED_CALLS * config.ratio;
    this.#tokens = config.reserve;
    this.#refilledAtMs = clock.monotonicMs();
  }

  /** One call has begun. */
  deposit(): void {
    const tokens = this.#tokens + this.#config.ratio;
    this.#tokens = tokens > this.#capacity ? this.#capacity : tokens;
  }

  /** Takes one retry; false where there is none to take. */
  withdraw(): boolean {
    this.#refill();
    // Ten deposits of 0.1 add up to a hair under 1.
    if (this.#tokens < 1 - 1e-9) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Gives back a retry that was taken and not carried out. */
  refund(): void {
    this.#tokens = Math.min(this.#capacity, this.#tokens + 1);
  }

  get available(): number {
    this.#refill();
    return Math.floor(this.#tokens + 1e-9);
  }

  #refill(): void {
    const nowMs = this.#clock.monotonicMs();
    const earned = ((nowMs - this.#refilledAtMs) / 1000) * this.#config.refillPerSecond;
    this.#refilledAtMs = nowMs;
    if (this.#tokens < this.#config.reserve) this.#tokens = Math.min(this.#config.reserve, this.#tokens + earned);
  }
}
