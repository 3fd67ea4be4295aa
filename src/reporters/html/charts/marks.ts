import type { JournalEvent } from '../../../journal/events.ts';
import type { Mark } from './chart-data.ts';

/** Ends of hosts that nobody asked for, starts that came after an end, and jobs that were taken up again. */
export function marksOf(events: readonly JournalEvent[]): Mark[] {
  return events.flatMap((event): Mark[] => {
    const { mono_ms: atMs, seq } = event;
    if (event.type === 'host.exited' && !event.expected) return [{ atMs, seq, kind: 'exit', text: `${event.host} ended${event.signal === null ? ` with code ${event.exit_code ?? 'unknown'}` : ` by ${event.signal}`}` }];
    if (event.type === 'host.started' && event.restart > 0) return [{ atMs, seq, kind: 'start', text: `${event.host} started again` }];
    if (event.type === 'checkpoint.resumed') return [{ atMs, seq, kind: 'resume', text: `${shortJob(event.job_id, event.run_id)} resumed on ${event.host} with ${event.sections.join(', ')}` }];
    return [];
  });
}

function shortJob(jobId: string | undefined, runId: string): string {
  return jobId === undefined ? 'a job' : jobId.startsWith(`${runId}-`) ? jobId.slice(runId.length + 1) : jobId;
}
