import { secondsBuckets, type MetricDefinitions } from '../definition.ts';

/** Checkpoints of reports in Redis. */
export const checkpointMetrics = {
  checkpoint_saves_total: { kind: 'counter', help: 'Checkpoints that Redis has acknowledged', labels: { result: ['saved'] } },
  checkpoint_loads_total: { kind: 'counter', help: 'Times that the checkpoints of a run were read, by whether there were any', labels: { result: ['found', 'none'] } },
  checkpoint_failures_total: { kind: 'counter', help: 'Times that Redis could not be used for a checkpoint; the report goes on', labels: { operation: ['claim', 'save', 'load', 'cleanup'] } },
  checkpoint_rejected_total: {
    kind: 'counter',
    help: 'Checkpoints that were not kept or not used, by why',
    labels: { reason: ['damaged', 'foreign', 'stale_writer', 'too_large', 'unavailable'] },
  },
  checkpoint_stale_writers_total: { kind: 'counter', help: 'Attempts that lost their run to a newer one' },
  checkpoint_resumes_total: { kind: 'counter', help: 'Attempts that went on after the checkpoints of an earlier one' },
  checkpoint_resumed_sections_total: { kind: 'counter', help: 'Sections that were not made again because of their checkpoint' },
  checkpoint_bytes: { kind: 'histogram', help: 'Size of a saved checkpoint', buckets: [256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576] },
  checkpoint_age_seconds: { kind: 'histogram', help: 'Age of the newest checkpoint when an attempt goes on after it', buckets: [1, 2.5, 5, 10, 30, 60, 300, 900, 3_600, 21_600, 86_400] },
  checkpoint_latency_seconds: { kind: 'histogram', help: 'How long a save or a load took', labels: { operation: ['save', 'load'] }, buckets: secondsBuckets },
} as const satisfies MetricDefinitions;
