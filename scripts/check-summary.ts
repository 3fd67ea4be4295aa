import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';

/** Checks the one object of `run --json`: shape, verdict, and that everything it names is there. Usage: check-summary.ts <summary> <run folder>. */
const summarySchema = z.object({
  v: z.literal(1),
  run_id: z.string().min(1),
  provider: z.enum(['embedded', 'containers', 'external']),
  seed: z.string(),
  verdict: z.literal('pass'),
  jobs: z
    .array(
      z.object({
        run_id: z.string(),
        user_id: z.string(),
        success: z.literal(true),
        level: z.literal('FULL'),
        sections: z.array(z.string()).length(4),
        resumed_sections: z.literal(0),
        missing_data: z.array(z.string()),
        recovery_performed: z.boolean(),
        duration_ms: z.number().positive(),
        report_path: z.string().refine((path) => existsSync(resolve(path)), 'names no file'),
      }),
    )
    .min(1),
  timings: z.object({ infra_ready_ms: z.number(), fleet_ready_ms: z.number(), first_report_ms: z.number(), total_ms: z.number() }),
  run_dir: z.string(),
});

const [summaryPath = '', folder = ''] = process.argv.slice(2);
const text = readFileSync(summaryPath, 'utf8');
const parsed = summarySchema.safeParse(JSON.parse(text));
const problems = parsed.success ? [] : [z.prettifyError(parsed.error)];
if (text.trim().includes('\n')) problems.push('stdout holds more than one line');
for (const name of ['journal.ndjson', 'summary.json', 'logs/reporting-1.ndjson']) {
  if (!existsSync(join(folder, name))) problems.push(`${name} is not in the run folder`);
}
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.stdout.write(parsed.success ? `verdict ${parsed.data.verdict}, ${parsed.data.jobs.length} reports, first after ${parsed.data.timings.first_report_ms} ms\n` : '');
process.exitCode = problems.length === 0 ? 0 : 1;
