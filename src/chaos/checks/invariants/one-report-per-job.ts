import { counted } from '../../../core/counted.ts';
import { defineInvariant } from '../check.ts';

export const oneReportPerJob = defineInvariant({
  name: 'one-report-per-job',
  summary: 'The database holds exactly one report for each reported job',
  judge(events) {
    const counts = events.filter((event) => event.type === 'report.counted');
    const reported = new Set(events.flatMap((event) => (event.type === 'job.reported' ? [event.job_id] : [])));
    const wrong = counts.filter((event) => reported.has(event.job_id) && event.reports !== 1);
    if (wrong.length > 0) return { status: 'fail', detail: `${counted(wrong.length, 'job')} with another number of reports than one`, evidence: wrong.map((event) => `${event.job_id}: ${event.reports}`) };
    const uncounted = [...reported].filter((jobId) => !counts.some((event) => event.job_id === jobId));
    if (reported.size === 0 || uncounted.length > 0) return { status: 'unknown', detail: `${uncounted.length} of ${counted(reported.size, 'report')} could not be counted in the database`, evidence: uncounted };
    return { status: 'pass', detail: `${counted(reported.size, 'job')}, one report each`, evidence: [] };
  },
});
