import type { MetricDefinitions } from '../definition.ts';

/** Calls to dependencies and other agents, retries and all. */
export const callMetrics = {
  calls_total: { kind: 'counter', help: 'Calls by how they ended, with all their retries', labels: { service: 'services', outcome: ['success', 'error', 'cancelled', 'fallback'] } },
  fallbacks_total: { kind: 'counter', help: 'Calls that were answered by a fallback', labels: { service: 'services' } },
} as const satisfies MetricDefinitions;
