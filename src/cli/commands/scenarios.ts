import { defineCommand } from '../command.ts';

export const scenarios = defineCommand({
  name: 'scenarios',
  arguments: '[validate] [path...]',
  summary: 'Lists scenarios: those that come with the program and those in ./scenarios; `validate` reads them and tells all that is wrong',
  options: [
    { flags: '--tag <tags>', description: 'only scenarios with one of these tags, separated by commas' },
    { flags: '--faults', description: 'lists what scenarios can break instead' },
    { flags: '--checks', description: 'lists what is judged instead' },
    { flags: '--json', description: 'one JSON object on stdout' },
  ],
  examples: ['netra-resilience scenarios', 'netra-resilience scenarios --faults', 'netra-resilience scenarios validate ./scenarios'],
  load: () => import('../scenarios/scenarios-command.ts'),
});
