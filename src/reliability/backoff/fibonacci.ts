import type { BackoffInput } from './strategy.ts';

/** b, b, 2b, 3b, 5b, 8b … */
export function fibonacci({ attempt, baseDelayMs, maxDelayMs }: BackoffInput): number {
  let previous = 0;
  let current = baseDelayMs;
  // Stops at the cap, so that attempt 10^9 costs no more than attempt 50.
  for (let step = 1; step < attempt && current < maxDelayMs && current > 0; step++) {
    [previous, current] = [current, previous + current];
  }
  return current;
}
