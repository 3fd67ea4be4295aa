import type { JournalEvent } from '../../../journal/events.ts';
import { shortJob } from '../short-job.ts';
import type { Mark } from './chart-data.ts';

/** Ends of hosts that nobody asked for, or after which they were started again; starts that came after an end, and jobs that were taken up again. */
export function marksOf(events: readonly JournalEvent[]): Mark[] {
  const lastStarts = new Map(events.flatMap((event) => (event.type === 'host.started' ? [[event.host, event.seq] as const] : [])));
  return events.flatMap((event): Mark[] => {
    const { mono_ms: atMs, seq } = event;
    if (event.type === 'host.exited' && (!event.expected || seq < (lastStarts.get(event.host) ?? 0))) return [{ atMs, seq, kind: 'exit', text: `${event.host} ended${event.signal === null ? ` with code ${event.exit_code ?? 'unknown'}` : ` by ${event.signal}`}` }];
    if (event.type === 'host.started' && event.restart > 0) return [{ atMs, seq, kind: 'start', text: `${event.host} started again` }];
    if (event.type === 'checkpoint.resumed') return [{ atMs, seq, kind: 'resume', text: `${event.job_id === undefined ? 'a job' : shortJob(event.job_id, event.run_id)} resumed on ${event.host} with ${event.sections.join(', ')}` }];
    return [];
  });
}
