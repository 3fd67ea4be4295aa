import { MAX_TIMER_DELAY_MS } from '../../core/clock.ts';
import type { Rng } from '../../core/rng.ts';
import { decorrelated } from './decorrelated.ts';
import { exponential } from './exponential.ts';
import { fibonacci } from './fibonacci.ts';
import { fixed } from './fixed.ts';
import { jitters, type JitterName } from './jitter.ts';
import { linear } from './linear.ts';
import { polynomial } from './polynomial.ts';
import type { BackoffStrategy } from './strategy.ts';

export { jitters, type Jitter, type JitterName } from './jitter.ts';
export type { BackoffInput, BackoffStrategy } from './strategy.ts';

export const backoffStrategies = { fixed, linear, exponential, fibonacci, polynomial, decorrelated } as const satisfies Record<string, BackoffStrategy>;
export type BackoffStrategyName = keyof typeof backoffStrategies;

export interface BackoffSettings {
  readonly strategy: BackoffStrategyName;
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
  readonly multiplier: number;
  readonly jitter: JitterName;
  /** Share by which `proportional` jitter may go either way, 0–1. */
  readonly jitterRange: number;
}

/**
 * Milliseconds to wait after attempt number `attempt` (from 1) failed. Always finite and within
 * [0, min(maxDelayMs, 2^31-1)], jitter included.
 */
export function backoffDelayMs(settings: BackoffSettings, attempt: number, previousDelayMs: number, rng: Rng): number {
  const capMs = Math.min(settings.maxDelayMs, MAX_TIMER_DELAY_MS);
  const rawMs = backoffStrategies[settings.strategy]({
    attempt,
    previousDelayMs,
    baseDelayMs: settings.baseDelayMs,
    maxDelayMs: capMs,
    multiplier: settings.multiplier,
    rng,
  });
  // Capped before jitter, or a delay far above the cap would lose all of its spread; and after it, since ±25 % may exceed it.
  const jitteredMs = jitters[settings.jitter](Math.min(rawMs, capMs), settings.jitterRange, rng);
  return Math.min(Math.max(0, jitteredMs), capMs);
}
