import { defineCommand } from '../command.ts';

export const show = defineCommand({
  name: 'show',
  arguments: '<run> [job]',
  summary: 'Shows a run, or a report of it, readable in the terminal; `latest` is the newest run',
  options: [],
  examples: ['netra-resilience show latest', 'netra-resilience show latest job-1'],
  load: () => import('../runs/show-command.ts'),
});
