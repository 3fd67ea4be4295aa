import { defineCommand } from '../command.ts';

export const doctor = defineCommand({
  name: 'doctor',
  summary: 'Looks at Node, container engine, ports and cache, and says what `--infra auto` would choose and why',
  options: [{ flags: '--json', description: 'one JSON object on stdout' }],
  examples: ['netra-resilience doctor'],
  load: () => import('../doctor/doctor-command.ts'),
});
