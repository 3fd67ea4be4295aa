import type { BreakerStateKind } from '../breaker/breaker-state.ts';
import type { ComponentHealth } from './component-health.ts';
import { healthStatus, systemScore, type HealthStatus } from './health-score.ts';

export interface SystemHealth {
  /** 0–100; see `systemScore`. */
  readonly score: number;
  readonly status: HealthStatus;
  /** By service. */
  readonly components: Readonly<Record<string, ComponentHealth>>;
  /** By breaker key. */
  readonly breakers: Readonly<Record<string, BreakerStateKind>>;
}

export function systemHealth(components: Readonly<Record<string, ComponentHealth>>, breakers: Readonly<Record<string, BreakerStateKind>>): SystemHealth {
  const score = systemScore(Object.values(components).map((component) => component.score));
  return { score, status: healthStatus(score), components, breakers };
}
