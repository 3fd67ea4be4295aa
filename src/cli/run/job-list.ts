import type { JobSpec } from '../../chaos/engine/workload.ts';
import { createRng } from '../../core/rng.ts';
import type { Period } from './default-period.ts';

/** What people ask such a fleet, one or more for every business agent. */
const questions = [
  'How did orders and revenue develop, and which products carried them?',
  'Which payments failed or were refunded, and what did that cost?',
  'Are deliveries on time, and which shipments went wrong?',
  'Which products are short in stock, and in which warehouse?',
  'Who are our most valuable customers, and how do they feel about us?',
  'How do the marketplace channels compare in sales and fees?',
  'Why do customers return products, and how fast are tickets solved?',
  'What did quality inspections find, and where are defects concentrated?',
  'What do costs and open tasks in the backoffice look like?',
  'Which knowledge articles are used, and which are out of date?',
  'How large is our exposure to fraud, and what risk remains?',
  'Which documents and invoices are overdue or incomplete?',
  'How is the business doing overall?',
] as const;

const userCount = 5;

/** `count` jobs; which user asks what is the seed's decision. */
export function seededJobs(count: number, seed: string, question: string | undefined, period: Period): JobSpec[] {
  const rng = createRng(seed).fork('jobs');
  return Array.from({ length: count }, (_, index) => ({
    name: jobName(index, count),
    userId: `user-${rng.integer(1, userCount)}`,
    question: question ?? rng.pick(questions),
    period,
  }));
}

/** `job-007` of a hundred and more: names sort as the jobs do. */
export function jobName(index: number, count: number): string {
  return `job-${String(index + 1).padStart(String(count).length, '0')}`;
}
