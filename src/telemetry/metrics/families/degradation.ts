import type { MetricDefinitions } from '../definition.ts';

/** How much of its surroundings a host has. */
export const degradationMetrics = {
  degradation_level: { kind: 'gauge', help: 'What is left: 0 everything, 1 SQLite for PostgreSQL, 2 direct calls for Kafka, 3 read-only, 4 no database' },
  dependency_up: { kind: 'gauge', help: '1 while a service answers', labels: { dependency: ['postgres', 'kafka', 'redis', 'llm'] } },
} as const satisfies MetricDefinitions;
