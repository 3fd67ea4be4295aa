import { secondsBuckets, type MetricDefinitions } from '../definition.ts';

const levels = ['FULL', 'STANDARD', 'BASIC', 'MINIMAL', 'FALLBACK'] as const;

/** Reports, and the attempts at them. */
export const reportMetrics = {
  reports_total: { kind: 'counter', help: 'Reports that were stored, by level', labels: { level: levels } },
  report_attempts_total: { kind: 'counter', help: 'Attempts at a report by what came of them', labels: { outcome: ['stored', 'already_stored', 'stale', 'aborted', 'failed'] } },
  report_duration_seconds: { kind: 'histogram', help: 'One attempt that ended with a report, from the beginning of its work', labels: { level: levels }, buckets: [...secondsBuckets, 120, 300] },
} as const satisfies MetricDefinitions;
