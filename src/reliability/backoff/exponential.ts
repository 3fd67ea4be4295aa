import type { BackoffInput } from './strategy.ts';

/** b, b·m, b·m² … */
export function exponential({ attempt, baseDelayMs, multiplier }: BackoffInput): number {
  // 0 · Infinity would be NaN.
  return baseDelayMs === 0 ? 0 : baseDelayMs * multiplier ** (attempt - 1);
}
