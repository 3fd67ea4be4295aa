import type { MetricDefinitions } from '../definition.ts';

/** Agents and the messages they work on. */
export const agentMetrics = {
  agent_errors_total: { kind: 'counter', help: 'Failures of an agent: of its start and of single pieces of work', labels: { agent: 'agents' } },
  agent_work_in_progress: { kind: 'gauge', help: 'Messages and direct calls that an agent works on', labels: { agent: 'agents' } },
  consumer_lag_messages: { kind: 'gauge', help: 'Messages that wait for an agent in its partitions; absent while it is not known', labels: { agent: 'agents' } },
} as const satisfies MetricDefinitions;
