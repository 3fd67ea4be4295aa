import type { BackoffInput } from './strategy.ts';

/** b, 2b, 3b … */
export function linear({ attempt, baseDelayMs }: BackoffInput): number {
  return baseDelayMs * attempt;
}
