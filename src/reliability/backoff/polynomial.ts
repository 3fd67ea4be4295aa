import type { BackoffInput } from './strategy.ts';

/** b·1, b·2^m, b·3^m … with the multiplier as degree. */
export function polynomial({ attempt, baseDelayMs, multiplier }: BackoffInput): number {
  return baseDelayMs === 0 ? 0 : baseDelayMs * attempt ** multiplier;
}
