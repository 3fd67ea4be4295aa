import type { JournalEvent } from '../../journal/events.ts';
import type { EvidenceLinks } from './evidence.ts';
import { shortJob } from './short-job.ts';

/** Last events about each job of the workload. */
export function jobEvents(events: readonly JournalEvent[]): Map<string, JournalEvent> {
  const jobs = new Map<string, JournalEvent>();
  for (const event of events) if (event.type === 'job.submitted' || event.type === 'job.reported' || event.type === 'job.refused' || event.type === 'job.overdue') jobs.set(event.job_id, event);
  return jobs;
}

/** @param shown events that the page holds; undefined: all of them */
export function evidenceLinks(events: readonly JournalEvent[], page: string, shown?: ReadonlySet<number>): EvidenceLinks {
  const jobs = jobEvents(events);
  const event = (seq: number): string | undefined => (shown === undefined || shown.has(seq) ? `${page}#event-${seq}` : undefined);
  return {
    event,
    job: (jobId) => {
      const last = jobs.get(jobId);
      const href = last === undefined ? undefined : event(last.seq);
      return last === undefined || href === undefined ? undefined : { href, name: shortJob(jobId, last.run_id) };
    },
  };
}
