import { defineInvariant } from '../check.ts';

export const groundedNumbers = defineInvariant({
  name: 'grounded-numbers',
  summary: 'Every number in a report is one of its facts',
  judge(events) {
    const looked = events.filter((event) => event.type === 'report.grounded');
    const invented = looked.flatMap((event) => event.ungrounded.map((token) => `${event.job}: ${token}`));
    if (invented.length > 0) return { status: 'fail', detail: `${invented.length} numbers in reports are no facts`, evidence: invented };
    const grounded = new Set(looked.map((event) => event.job_id));
    const unseen = events.flatMap((event) => (event.type === 'job.reported' && !grounded.has(event.job_id) ? [event.job] : []));
    if (unseen.length > 0) return { status: 'unknown', detail: `${unseen.length} reports were not looked at`, evidence: unseen };
    const numbers = looked.reduce((sum, event) => sum + event.numbers, 0);
    if (numbers === 0) return { status: 'unknown', detail: `no number was found in ${looked.length} reports`, evidence: [] };
    return { status: 'pass', detail: `${numbers} numbers in ${looked.length} reports, all of them facts`, evidence: [] };
  },
});
