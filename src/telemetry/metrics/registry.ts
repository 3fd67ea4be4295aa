import type { MetricDefinitions, NamesOf } from './definition.ts';
import { agentMetrics } from './families/agents.ts';
import { breakerMetrics } from './families/breakers.ts';
import { callMetrics } from './families/calls.ts';
import { checkpointMetrics } from './families/checkpoints.ts';
import { databasePoolMetrics } from './families/database-pool.ts';
import { degradationMetrics } from './families/degradation.ts';
import { jobMetrics } from './families/jobs.ts';
import { llmMetrics } from './families/llm.ts';
import { processMetrics } from './families/process.ts';
import { reportMetrics } from './families/reports.ts';
import { retryMetrics } from './families/retries.ts';

/** Every metric of a host, in the order in which `/metrics` shows them. */
export const metricDefinitions = {
  ...breakerMetrics,
  ...callMetrics,
  ...retryMetrics,
  ...checkpointMetrics,
  ...reportMetrics,
  ...jobMetrics,
  ...degradationMetrics,
  ...agentMetrics,
  ...databasePoolMetrics,
  ...llmMetrics,
  ...processMetrics,
} as const satisfies MetricDefinitions;

export type CounterName = NamesOf<typeof metricDefinitions, 'counter'>;
export type GaugeName = NamesOf<typeof metricDefinitions, 'gauge'>;
export type HistogramName = NamesOf<typeof metricDefinitions, 'histogram'>;
export type MetricName = keyof typeof metricDefinitions;
