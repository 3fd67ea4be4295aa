import { z } from 'zod';
import type { RunSummary } from '../run/summary.ts';

const status = z.enum(['pass', 'fail', 'unknown']);
const milliseconds = z.number().nullable();

const job = z.looseObject({
  run_id: z.string(),
  user_id: z.string(),
  success: z.boolean(),
  level: z.string().nullable(),
  sections: z.array(z.string()),
  resumed_sections: z.number(),
  missing_data: z.array(z.string()),
  recovery_performed: z.boolean(),
  duration_ms: milliseconds,
  report_path: z.string().nullable(),
  problem: z.string().optional(),
});

const step = z.number().optional();
/** Absent in summaries of earlier versions. */
const serviceTiming = z.object({ started_in_ms: z.number(), pull_ms: step, create_ms: step, start_ms: step, ready_ms: step });

const summary = z.looseObject({
  v: z.literal(1),
  run_id: z.string(),
  provider: z.string(),
  seed: z.string(),
  verdict: status,
  jobs: z.array(job),
  timings: z.object({ infra_ready_ms: milliseconds, fleet_ready_ms: milliseconds, first_report_ms: milliseconds, total_ms: milliseconds, services: z.record(z.string(), serviceTiming).default({}) }),
  checks: z.array(z.looseObject({ name: z.string(), status, detail: z.string(), evidence: z.array(z.string()) })),
  data: z.array(z.looseObject({ table: z.string(), file: z.string(), rows_rejected: z.number() })),
  run_dir: z.string(),
  problem: z.string().optional(),
});

/** A summary as it lies on the disk, where anybody may have changed it; undefined where it is none. */
export function parseSummary(text: string): RunSummary | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined; // Cut off, or overwritten.
  }
  const parsed = summary.safeParse(value);
  return parsed.success ? (parsed.data as unknown as RunSummary) : undefined;
}
