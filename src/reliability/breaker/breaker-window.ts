import type { BreakerConfig } from './breaker-config.ts';

/**
 * Decides from the outcomes of a closed circuit whether it should open; it knows neither states nor
 * timers. Recording and judging cost the same however many calls the window holds.
 */
export interface BreakerWindow {
  record(failed: boolean, slow: boolean): void;
  /** To be asked right after `record`. */
  shouldOpen(): boolean;
  clear(): void;
  /** Its contents as JSON; `elapsedMs` in `restore` is how long ago (wall clock) that was taken. */
  toJSON(): readonly number[];
  /** Takes over what `toJSON` gave; false where `stored` cannot be that, then it stays empty. */
  restore(stored: readonly number[], elapsedMs: number): boolean;
}

/** Without spare room at its end, and flat as long as small integers are put in. */
export function zeros(length: number): number[] {
  return Array.from({ length }, () => 0);
}

/** The rule that `count` and `time` share. */
export function ratesExceeded(config: BreakerConfig, calls: number, failures: number, slow: number): boolean {
  if (calls < config.minCalls) return false;
  return failures >= calls * config.failureRate || (config.slowCallMs !== Infinity && slow >= calls * config.slowCallRate);
}
