import { defineCommand } from '../command.ts';

export const replay = defineCommand({
  name: 'replay',
  arguments: '<journal>',
  summary: 'Judges a run again from its journal alone: the file, its run folder, or the name of a run',
  options: [
    { flags: '--reporter <formats>', description: 'json, junit, markdown, github, separated by commas' },
    { flags: '--out <dir>', description: 'where reporters write their files', defaultText: '.netra/reports' },
    { flags: '--json', description: 'the object of `chaos --json` on stdout' },
  ],
  examples: ['netra-resilience replay .netra/runs/20261120-104501-3f9a1c/journal.ndjson'],
  load: () => import('../chaos/replay-command.ts'),
});
