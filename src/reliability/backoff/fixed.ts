import type { BackoffInput } from './strategy.ts';

/** b, b, b … */
export function fixed({ baseDelayMs }: BackoffInput): number {
  return baseDelayMs;
}
