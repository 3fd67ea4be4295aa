import { defineCommand } from '../command.ts';

export const errors = defineCommand({
  name: 'errors',
  arguments: '<run>',
  summary: 'Groups the errors of a run by cause, and says which faults were at work then: a journal, a run folder, the name of a run, or `latest`',
  options: [
    { flags: '--job <name>', description: 'follows one job instead: all that happened on its behalf on every host, in order' },
    { flags: '--correlation <id>', description: 'the same for a correlation id, as log lines, events and error answers carry it' },
    { flags: '--json', description: 'one JSON object on stdout (docs/usage.md)' },
  ],
  examples: ['netra-resilience errors latest', 'netra-resilience errors 20261120-104501-3f9a1c --job job-2', 'netra-resilience errors latest --json > errors.json'],
  load: () => import('../errors/errors-command.ts'),
});
