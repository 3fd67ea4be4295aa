import { defineCommand } from '../command.ts';

export const runs = defineCommand({
  name: 'runs',
  summary: 'Lists the runs in .netra/runs, newest first',
  options: [{ flags: '--json', description: 'one JSON array on stdout' }],
  examples: ['netra-resilience runs'],
  load: () => import('../runs/runs-command.ts'),
});
