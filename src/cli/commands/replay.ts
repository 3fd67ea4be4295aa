import { defineCommand } from '../command.ts';
import { noTuiFlag } from '../screen/tui-flag.ts';

export const replay = defineCommand({
  name: 'replay',
  arguments: '<journal>',
  summary: 'Plays a recorded run on the screen, and judges it again from its journal alone: the file, its run folder, or the name of a run',
  options: [
    { flags: '--speed <n>', description: 'seconds of the run each second: 0.25, 0.5, 1, 2, 4, 8, 16 or 32', defaultText: '1' },
    { flags: '--from <seconds>', description: 'where in the run to begin', defaultText: '0' },
    { flags: '--paused', description: 'stands still at the beginning' },
    noTuiFlag,
    { flags: '--reporter <formats>', description: 'json, junit, markdown, github, separated by commas' },
    { flags: '--out <dir>', description: 'where reporters write their files', defaultText: '.netra/reports' },
    { flags: '--json', description: 'the object of `chaos --json` on stdout' },
  ],
  examples: ['netra-resilience replay .netra/runs/20261120-104501-3f9a1c/journal.ndjson', 'netra-resilience replay 20261120-104501-3f9a1c --speed 4 --from 10', 'netra-resilience replay 20261120-104501-3f9a1c --no-tui'],
  load: () => import('../chaos/replay-command.ts'),
});
