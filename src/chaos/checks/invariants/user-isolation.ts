import { counted } from '../../../core/counted.ts';
import { defineInvariant } from '../check.ts';

export const userIsolation = defineInvariant({
  name: 'user-isolation',
  summary: 'Whatever is done or kept for a job, is done or kept for the user who asked',
  judge(events) {
    const owners = new Map(events.flatMap((event) => (event.type === 'job.submitted' ? [[event.job_id, event.user_id] as const] : [])));
    const strange: string[] = [];
    let looked = 0;
    for (const event of events) {
      if (!('job_id' in event) || typeof event.job_id !== 'string') continue;
      const owner = owners.get(event.job_id);
      if (owner === undefined) continue;
      const users = event.type === 'report.stored' ? [event.user_id, event.document_user_id] : 'user_id' in event ? [event.user_id] : [];
      for (const user of users) {
        if (typeof user !== 'string') continue;
        looked += 1;
        if (user !== owner) strange.push(`seq ${event.seq}: ${event.type} of ${event.job_id} is ${user}'s, and ${owner} asked`);
      }
    }
    if (strange.length > 0) return { status: 'fail', detail: `another user's: ${strange.length} of ${counted(looked, 'record')} of jobs`, evidence: strange };
    const stored = new Set(events.flatMap((event) => (event.type === 'report.stored' ? [event.job_id] : [])));
    const reported = events.flatMap((event) => (event.type === 'job.reported' ? [event.job_id] : []));
    const unseen = reported.filter((jobId) => !stored.has(jobId));
    if (reported.length === 0) return { status: 'unknown', detail: 'there is no report', evidence: [] };
    if (unseen.length > 0) return { status: 'unknown', detail: `whose ${unseen.length} of ${counted(reported.length, 'report')} are could not be read in the database`, evidence: unseen };
    return { status: 'pass', detail: `${counted(looked, 'record')} of ${counted(owners.size, 'job')}, each of its own user`, evidence: [] };
  },
});
