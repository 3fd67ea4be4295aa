import { secondsBuckets, type MetricDefinitions } from '../definition.ts';

/** Jobs from the outside. */
export const jobMetrics = {
  jobs_accepted_total: { kind: 'counter', help: 'Jobs that were made durable and answered with 202' },
  job_duration_seconds: { kind: 'histogram', help: 'From the acceptance of a job to its stored report, all attempts included', buckets: [...secondsBuckets, 120, 300, 900, 3_600] },
} as const satisfies MetricDefinitions;
