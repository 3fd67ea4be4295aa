import type { Clock } from '../../../core/clock.ts';
import type { Route } from '../http-server.ts';
import { agentRoutes } from './agents.ts';
import { healthRoutes, type HealthSources } from './health.ts';
import { jobRoutes } from './jobs.ts';
import { metricsRoute, type MetricsText } from './metrics.ts';

/** Everything that a host serves over HTTP; docs/api_contracts.yaml has an entry for each. Where two match, the first counts. */
export function hostRoutes(health: HealthSources, metrics: MetricsText, clock: Clock): Route[] {
  return [...healthRoutes(health), metricsRoute(metrics), ...jobRoutes(health.agents), ...agentRoutes(health.host, health.agents, clock)];
}
