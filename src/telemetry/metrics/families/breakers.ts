import type { MetricDefinitions } from '../definition.ts';

export const breakerStates = ['closed', 'half-open', 'open', 'isolated'] as const;

/** What circuit breakers stand at, and what came of the calls through them. */
export const breakerMetrics = {
  breaker_state: { kind: 'gauge', help: '1 for the state that a breaker is in, 0 for the others', labels: { breaker: 'breakers', state: breakerStates } },
  breaker_failure_ratio: { kind: 'gauge', help: 'Share of failures among the newest calls that a breaker let through, 0 to 1', labels: { breaker: 'breakers' } },
  breaker_calls_total: {
    kind: 'counter',
    help: 'Attempts by what the breaker made of them: a refusal of the dependency is a success of the connection, what says nothing of it is ignored',
    labels: { breaker: 'breakers', outcome: ['success', 'failure', 'ignored', 'refused'] },
  },
  breaker_transitions_total: { kind: 'counter', help: 'Changes of state', labels: { breaker: 'breakers', from: breakerStates, to: breakerStates } },
} as const satisfies MetricDefinitions;
