import { z } from 'zod';

const isoDate = z.iso.date('a date of the calendar as YYYY-MM-DD');

/** Of one line: ids stand in keys, headers and log lines. */
const id = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\p{Cc}\p{Cs}\u2028\u2029]+$/u, 'an id without control characters');

/** Body of `POST /jobs`. `run_id` may be chosen by the caller: posting it twice gives one job. */
export const jobSubmissionSchema = z.strictObject({
  run_id: id.optional(),
  user_id: id,
  // PostgreSQL keeps no NUL, and half a surrogate pair would not come back as it was given.
  question: z.string().min(1).max(4_000).refine((text) => text.isWellFormed() && !text.includes('\0') && text.trim() !== '', 'a text that says something, without NUL and broken characters'),
  period: z.strictObject({ from: isoDate, to: isoDate }).refine((period) => period.from <= period.to, 'from must not be after to'),
  /** Time the caller is willing to wait, milliseconds. */
  timeout_ms: z.int().min(1).max(86_400_000).optional(),
});
export type JobSubmission = z.infer<typeof jobSubmissionSchema>;

export const reportLevels = ['FULL', 'STANDARD', 'BASIC', 'MINIMAL', 'FALLBACK'] as const;
export type ReportLevel = (typeof reportLevels)[number];

export const sectionNames = ['summary', 'data_analysis', 'recommendations', 'action_items'] as const;
export type SectionName = (typeof sectionNames)[number];

/** Written by the model for one section, after mending and validation (C13). */
export const sectionContentSchema = z.object({
  heading: z.string().min(1).max(300),
  paragraphs: z.array(z.string()).max(40),
  items: z.array(z.string()).max(40),
});
export type SectionContent = z.infer<typeof sectionContentSchema>;

/** A report as data; markdown is made from it. Holds nothing that differs between two runs of one seed. */
export const reportDocumentSchema = z.object({
  title: z.string(),
  question: z.string(),
  user_id: z.string(),
  period: z.object({ from: z.string(), to: z.string() }),
  level: z.enum(reportLevels),
  sections: z.array(z.object({ name: z.enum(sectionNames), source: z.enum(['model', 'template', 'cache']), content: sectionContentSchema })),
  facts: z.array(
    z.object({ id: z.string(), agent: z.string(), label: z.string(), value: z.union([z.number(), z.string()]), unit: z.string(), currency: z.string().optional(), display: z.string(), subject: z.string().optional() }),
  ),
  missing_data: z.array(z.string()),
});
export type ReportDocument = z.infer<typeof reportDocumentSchema>;

/** What `ReportingSubAgent.execute` always answers (D05). */
export const reportResultSchema = z.object({
  success: z.boolean(),
  report: z.union([reportDocumentSchema, z.string()]),
  level: z.enum(reportLevels),
  missing_data: z.array(z.string()),
  recovery_performed: z.boolean(),
  checkpoints_used: z.int().min(0),
  resumed_sections: z.int().min(0),
  correlation_id: z.string(),
});
export type ReportResult = z.infer<typeof reportResultSchema>;

/** Answer of `GET /jobs/<run_id>`. */
export interface JobView {
  readonly run_id: string;
  readonly user_id: string;
  readonly correlation_id: string;
  readonly status: 'accepted' | 'running' | 'completed';
  readonly attempts: number;
  readonly accepted_at: number;
  readonly completed_at?: number;
  readonly result?: ReportResult;
}
