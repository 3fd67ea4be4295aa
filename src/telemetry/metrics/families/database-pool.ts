import type { MetricDefinitions } from '../definition.ts';

/** Connections to PostgreSQL that a host holds. */
export const databasePoolMetrics = {
  database_pool_connections: { kind: 'gauge', help: 'Connections in the pool' },
  database_pool_idle_connections: { kind: 'gauge', help: 'Connections in the pool that nobody uses' },
  database_pool_waiting_requests: { kind: 'gauge', help: 'Statements that wait for a connection' },
} as const satisfies MetricDefinitions;
