import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newRunState, applyEvent } from '../../../src/journal/run-state.ts';
import type { JournalEvent, JournalFact } from '../../../src/journal/events.ts';
import { summarize, type RunSummary } from '../../../src/cli/run/summary.ts';

export interface StoredRun {
  readonly runId: string;
  readonly summary: RunSummary;
  readonly events: readonly JournalEvent[];
}

/** A run with one job that was reported and one that was not, as its events tell it. */
export function aRun(runId: string): StoredRun {
  const ids = (job: string) => ({ job, job_id: `${runId}-${job}` });
  const facts: JournalFact[] = [
    { type: 'run.started', command: 'run', seed: 'abc', provider: 'embedded', control: false, versions: {}, machine: { platform: 'x', cpus: 2, memory_mb: 1 }, jobs: 2 },
    { type: 'infra.ready', duration_ms: 500 },
    { type: 'job.submitted', ...ids('job-1'), user_id: 'user-1', question: 'Why?' },
    { type: 'job.submitted', ...ids('job-2'), user_id: 'user-2', question: 'How?' },
    {
      type: 'job.reported',
      ...ids('job-1'),
      user_id: 'user-1',
      duration_ms: 1_234,
      result: { success: true, level: 'BASIC', missing_data: ['payments: table absent'], recovery_performed: true, checkpoints_used: 1, resumed_sections: 2, correlation_id: 'c' },
      sections: ['summary'],
      report_path: join('.netra', 'runs', runId, 'reports', 'job-1.md'),
    },
    { type: 'job.overdue', ...ids('job-2'), waited_ms: 2_000 },
    { type: 'run.finished', verdict: 'fail', duration_ms: 3_000 },
  ];
  const events = facts.map((fact, index): JournalEvent => ({ v: 1, seq: index + 1, at: '2026-01-01T00:00:00.000Z', mono_ms: (index + 1) * 500, run_id: runId, ...fact }));
  const state = newRunState();
  for (const event of events) applyEvent(state, event);
  const data = [{ table: 'orders', file: 'orders.csv', rows_read: 3, rows_used: 2, rows_rejected: 1, duplicates: 0, without_rate: 0, rejected: [{ file: 'orders.csv', line: 3, column: 'total', reason: '"x" is no amount' }] }];
  const checks = [{ check: 'no-job-lost', status: 'fail' as const, detail: '2 accepted, 1 reported', evidence: ['6'] }];
  return { runId, events, summary: summarize(state, checks, data, join('.netra', 'runs', runId)) };
}

export const reportMarkdown = '# Business report, 2025\n\n> Why did returns rise?\n\nLevel: **BASIC** · Period: 2025\n\n## At a glance\n\nReturns rose by 4.2 %.\n\n- one\n- two\n\n| Figure | Of | Value | From |\n|---|---|---|---|\n| Orders \\| placed |  | 1,234 | order |\n';

/** Writes the run below `cwd` as `run` would have. `summary: null` leaves it out. */
export async function store(cwd: string, { runId, events, summary }: StoredRun, replaced: { summary?: string | null; journal?: string } = {}): Promise<string> {
  const folder = join(cwd, '.netra', 'runs', runId);
  await mkdir(join(folder, 'reports'), { recursive: true });
  await writeFile(join(folder, 'journal.ndjson'), replaced.journal ?? events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  if (replaced.summary !== null) await writeFile(join(folder, 'summary.json'), replaced.summary ?? JSON.stringify(summary));
  await writeFile(join(folder, 'reports', 'job-1.md'), reportMarkdown);
  return folder;
}
