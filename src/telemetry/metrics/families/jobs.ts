import { secondsBuckets, type MetricDefinitions } from '../definition.ts';

/** Jobs from the outside. */
export const jobMetrics = {
  jobs_accepted_total: { kind: 'counter', help: 'Jobs that were made durable and answered with 202' },
  jobs_open: { kind: 'gauge', help: 'Accepted jobs without a report, as far as the supervisor knows them' },
  oldest_open_job_age_seconds: { kind: 'gauge', help: 'How long the supervisor has known the oldest of them; 0 where there is none' },
  job_duration_seconds: { kind: 'histogram', help: 'From the acceptance of a job to its stored report, all attempts included', buckets: [...secondsBuckets, 120, 300, 900, 3_600] },
} as const satisfies MetricDefinitions;
