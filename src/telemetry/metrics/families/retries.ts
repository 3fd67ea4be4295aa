import type { StopReason } from '../../../reliability/events.ts';
import type { MetricDefinitions } from '../definition.ts';

const stopReasons = [
  'attempts-used-up',
  'not-retriable',
  'not-idempotent',
  'already-retried',
  'budget-used-up',
  'circuit-open',
  'out-of-time',
  'retry-after-too-long',
] as const satisfies readonly StopReason[];

/** Attempts after the first, and what they may cost. */
export const retryMetrics = {
  retries_total: { kind: 'counter', help: 'Attempts after the first', labels: { service: 'services' } },
  calls_given_up_total: { kind: 'counter', help: 'Failed calls that were not tried again, by why', labels: { service: 'services', reason: stopReasons } },
  retry_budget_available: { kind: 'gauge', help: 'Retries in hand for all calls to one service; at 0 none is made', labels: { service: 'services' } },
} as const satisfies MetricDefinitions;
