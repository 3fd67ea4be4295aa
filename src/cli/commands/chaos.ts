import { defineCommand } from '../command.ts';
import { fleetOption } from '../fleet-option.ts';
import { noTuiFlag } from '../screen/tui-flag.ts';
import { allowHostsFlag, infraFlags, llmFlags } from '../infra-flags.ts';

export const chaos = defineCommand({
  name: 'chaos',
  arguments: '[scenario...]',
  summary: 'Runs scenarios: breaks what the fleet depends on while it works, and judges what came of it',
  options: [
    { flags: '--all', description: 'every scenario that `scenarios` lists' },
    { flags: '--tag <tags>', description: 'only scenarios with one of these tags, separated by commas' },
    { flags: '--repeat <number>', description: 'runs each so many times, with the same seed', defaultText: '1' },
    { flags: '--seed <text>', description: 'goes before the seed of the scenario', defaultText: 'the scenario’s own' },
    { flags: '--control', description: 'runs each once more with resilience switched off, and shows both' },
    { flags: '--parallel <number>', description: 'how many at once, each with services and a fleet of its own', defaultText: 'as many as cores and memory carry' },
    { flags: '--dry-run', description: 'prints what would happen when and what would be checked; starts nothing' },
    { flags: '--reporter <formats>', description: 'json, junit, markdown, github, separated by commas' },
    { flags: '--out <dir>', description: 'where reporters write their files', defaultText: '.netra/reports' },
    ...infraFlags,
    allowHostsFlag,
    ...llmFlags,
    fleetOption,
    noTuiFlag,
    { flags: '--json', description: 'one JSON object on stdout, progress on stderr' },
    { flags: '--quiet', description: 'no progress lines' },
  ],
  examples: ['netra-resilience chaos redis-drop', 'netra-resilience chaos redis-drop --control', 'netra-resilience chaos ./my-scenario.yaml --dry-run', 'netra-resilience chaos --all --reporter junit,github --out build/chaos'],
  load: () => import('../chaos/chaos-command.ts'),
});
