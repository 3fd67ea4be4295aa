import { defineInvariant } from '../check.ts';

export const oneReportPerJob = defineInvariant({
  name: 'one-report-per-job',
  summary: 'The database holds exactly one report for each reported job',
  judge(events) {
    const counted = events.filter((event) => event.type === 'report.counted');
    const reported = new Set(events.flatMap((event) => (event.type === 'job.reported' ? [event.job_id] : [])));
    const wrong = counted.filter((event) => reported.has(event.job_id) && event.reports !== 1);
    if (wrong.length > 0) return { status: 'fail', detail: `${wrong.length} jobs have another number of reports than one`, evidence: wrong.map((event) => `${event.job_id}: ${event.reports}`) };
    const uncounted = [...reported].filter((jobId) => !counted.some((event) => event.job_id === jobId));
    if (reported.size === 0 || uncounted.length > 0) return { status: 'unknown', detail: `${uncounted.length} of ${reported.size} reports could not be counted in the database`, evidence: uncounted };
    return { status: 'pass', detail: `${reported.size} jobs, one report each`, evidence: [] };
  },
});
