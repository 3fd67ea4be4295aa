import { secondsBuckets, type MetricDefinitions } from '../definition.ts';

/** What the model is asked, and how long it takes. */
export const llmMetrics = {
  llm_tokens_total: { kind: 'counter', help: 'Tokens as the model counts them, of answers that came whole', labels: { direction: ['input', 'output'] } },
  llm_latency_seconds: { kind: 'histogram', help: 'One attempt at an answer, from the request to its end; failure where the model is to blame', labels: { outcome: ['success', 'failure'] }, buckets: secondsBuckets },
} as const satisfies MetricDefinitions;
