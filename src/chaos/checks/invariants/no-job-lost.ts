import { counted } from '../../../core/counted.ts';
import { defineInvariant } from '../check.ts';

export const noJobLost = defineInvariant({
  name: 'no-job-lost',
  summary: 'Every accepted job has a report',
  judge(events) {
    const accepted = new Set(events.flatMap((event) => (event.type === 'job.accepted' ? [event.job_id] : [])));
    const reported = new Set(events.flatMap((event) => (event.type === 'job.reported' ? [event.job_id] : [])));
    const refused = events.filter((event) => event.type === 'job.refused');
    const lost = [...accepted].filter((jobId) => !reported.has(jobId));
    if (lost.length > 0) return { status: 'fail', detail: `${lost.length} of ${counted(accepted.size, 'accepted job')} without a report`, evidence: lost };
    if (accepted.size === 0) return { status: 'unknown', detail: `no job was accepted (${refused.length} refused)`, evidence: refused.map((event) => `seq ${event.seq}`) };
    return { status: 'pass', detail: `${accepted.size} accepted, ${reported.size} reported, ${refused.length} refused`, evidence: [] };
  },
});
