import { counted } from '../../../core/counted.ts';
import { defineInvariant } from '../check.ts';

export const groundedNumbers = defineInvariant({
  name: 'grounded-numbers',
  summary: 'Every number in a report is one of its facts',
  judge(events) {
    const looked = events.filter((event) => event.type === 'report.grounded');
    const invented = looked.flatMap((event) => event.ungrounded.map((token) => `${event.job}: ${token}`));
    if (invented.length > 0) return { status: 'fail', detail: `${counted(invented.length, 'number')} in reports not among the facts`, evidence: invented };
    const grounded = new Set(looked.map((event) => event.job_id));
    const unseen = events.flatMap((event) => (event.type === 'job.reported' && !grounded.has(event.job_id) ? [event.job] : []));
    if (unseen.length > 0) return { status: 'unknown', detail: `${counted(unseen.length, 'report')} not looked at`, evidence: unseen };
    const numbers = looked.reduce((sum, event) => sum + event.numbers, 0);
    if (numbers === 0) return { status: 'unknown', detail: `no number was found in ${counted(looked.length, 'report')}`, evidence: [] };
    return { status: 'pass', detail: `${counted(numbers, 'number')} in ${counted(looked.length, 'report')}, each of them a fact`, evidence: [] };
  },
});
