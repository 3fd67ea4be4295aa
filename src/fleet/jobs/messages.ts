import { z } from 'zod';
import { defineTopic, type TopicDefinition } from '../connectors/bus/topics.ts';
import { reportResultSchema } from './job.ts';

const periodSchema = z.object({ from: z.string(), to: z.string() });

export const factSheetSchema = z.object({
  agent: z.string(),
  period: periodSchema,
  facts: z.array(
    z.object({
      id: z.string(),
      agent: z.string(),
      label: z.string(),
      value: z.union([z.number(), z.string()]),
      unit: z.enum(['count', 'money', 'percent', 'days', 'ratio', 'text', 'date']),
      currency: z.string().optional(),
      display: z.string(),
      subject: z.string().optional(),
    }),
  ),
  missing: z.array(z.string()),
  asOf: z.string(),
});

/** Topic `report.requests`, key = run id: a job that is durable and waits for its data. */
export const reportRequestSchema = z.object({
  run_id: z.string(),
  user_id: z.string(),
  correlation_id: z.string(),
  question: z.string(),
  period: periodSchema,
  accepted_at: z.number(),
  timeout_ms: z.number().optional(),
});
export type ReportRequest = z.infer<typeof reportRequestSchema>;

/** Topic `report.work`: a job with its data, for whichever reporting host is free. */
export const reportWorkSchema = z.object({
  request: reportRequestSchema,
  fact_sheets: z.array(factSheetSchema),
  missing: z.array(z.string()),
  /** Counts the dispatches of this job from 1; a floor for the attempt's fencing token. */
  dispatch: z.int().min(1),
  /** Set once the orchestrator has asked the data helper for this job: it does so once (D07). */
  data_helper_asked: z.boolean(),
  /** Set once everything else has failed: make the report that needs nothing. */
  degrade: z.boolean(),
});
export type ReportWork = z.infer<typeof reportWorkSchema>;

const failureSchema = z.object({
  code: z.string(),
  message: z.string(),
  severity: z.enum(['critical', 'high', 'medium', 'low']),
  recovery: z.enum(['retry', 'fallback', 'degrade', 'fail']),
  retry_after_ms: z.number().optional(),
  missing: z.array(z.string()).optional(),
});

/** Topic `report.results`, key = run id: what came of one attempt. */
export const reportOutcomeSchema = z.discriminatedUnion('status', [
  z.object({ status: z.literal('reported'), run_id: z.string(), user_id: z.string(), host: z.string(), fencing_token: z.number(), result: reportResultSchema }),
  z.object({ status: z.literal('failed'), run_id: z.string(), user_id: z.string(), host: z.string(), error: failureSchema, work: reportWorkSchema }),
]);
export type ReportOutcome = z.infer<typeof reportOutcomeSchema>;

export const jobTopics = { requests: 'report.requests', work: 'report.work', results: 'report.results' } as const;

/** Partitions bound how many reporting hosts can share the work. */
export const defaultWorkPartitions = 24;

export function jobTopicDefinitions(workPartitions: number): readonly TopicDefinition[] {
  return [
    defineTopic({ name: jobTopics.requests, partitions: 8, schema: reportRequestSchema, summary: 'Accepted jobs that wait for their data' }),
    defineTopic({ name: jobTopics.work, partitions: workPartitions, schema: reportWorkSchema, summary: 'Jobs with their data, for the reporting hosts' }),
    defineTopic({ name: jobTopics.results, partitions: 8, schema: reportOutcomeSchema, summary: 'What came of an attempt at a report' }),
  ];
}
