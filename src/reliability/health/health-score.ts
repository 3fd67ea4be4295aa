import type { BreakerStateKind } from '../breaker/breaker-state.ts';

export interface ScoreInput {
  readonly breaker: BreakerStateKind | undefined;
  /** Of the last minute, 0–1. */
  readonly successRate: number;
  readonly callsInLastMinute: number;
  readonly recentErrors: number;
  readonly recentTimeouts: number;
}

/** Points taken off 100. A healthy but idle component has 100. */
export const penalties = {
  /** By breaker state. */
  breaker: { closed: 0, 'half-open': 20, open: 40, isolated: 40 },
  /** For a success rate of 0; in proportion above. */
  failures: 50,
  /** When all recent errors are timeouts; in proportion below. A slow dependency holds its callers up. */
  timeouts: 10,
} as const;

export function healthScore(input: ScoreInput): number {
  const state = input.breaker === undefined ? 0 : penalties.breaker[input.breaker];
  const failures = penalties.failures * (1 - input.successRate);
  const timeouts = input.recentErrors === 0 ? 0 : (penalties.timeouts * input.recentTimeouts) / input.recentErrors;
  return Math.max(0, Math.round(100 - state - failures - timeouts));
}

/**
 * Score of a system: the mean of its components, drawn halfway towards the worst of them, since one
 * dead dependency among fifteen healthy ones is not "94 % healthy". 100 without components.
 */
export function systemScore(scores: readonly number[]): number {
  if (scores.length === 0) return 100;
  const mean = scores.reduce((total, score) => total + score, 0) / scores.length;
  return Math.round((mean + Math.min(...scores)) / 2);
}

export type HealthStatus = 'healthy' | 'degraded' | 'unhealthy';

export function healthStatus(score: number): HealthStatus {
  if (score >= 80) return 'healthy';
  return score >= 40 ? 'degraded' : 'unhealthy';
}
