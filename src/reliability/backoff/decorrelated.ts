import type { BackoffInput } from './strategy.ts';

/** AWS "decorrelated jitter": uniform between b and three times the previous wait, capped before the draw is used again. */
export function decorrelated({ previousDelayMs, baseDelayMs, maxDelayMs, rng }: BackoffInput): number {
  const upper = Math.min(maxDelayMs, Math.max(baseDelayMs, previousDelayMs * 3));
  return baseDelayMs + rng.next() * Math.max(0, upper - baseDelayMs);
}
