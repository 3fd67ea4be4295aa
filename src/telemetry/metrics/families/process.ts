import type { MetricDefinitions } from '../definition.ts';

/** The process of a host. */
export const processMetrics = {
  process_start_time_seconds: { kind: 'gauge', help: 'When the host was started, since the epoch; a change is a restart' },
  process_resident_memory_bytes: { kind: 'gauge', help: 'Memory that the host takes of the machine' },
  process_heap_bytes: { kind: 'gauge', help: 'Memory that its objects take' },
} as const satisfies MetricDefinitions;
