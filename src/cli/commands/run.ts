import { defineCommand } from '../command.ts';
import { fleetOption } from '../fleet-option.ts';
import { noTuiFlag } from '../screen/tui-flag.ts';
import { allowHostsFlag, infraFlags, llmFlags } from '../infra-flags.ts';

export const run = defineCommand({
  name: 'run',
  summary: 'Starts infrastructure and a fleet of agents, runs reporting jobs, prints what happens, and shuts everything down',
  options: [
    { flags: '--jobs <number>', description: 'how many reports to ask for', defaultText: '4' },
    { flags: '--jobs-file <file>', description: 'the jobs themselves: YAML, JSON or one JSON object a line with question, and optionally user_id, from, to' },
    { flags: '--concurrency <number>', description: 'jobs under way at once', defaultText: 'the number of jobs, at most 8' },
    { flags: '--every-ms <number>', description: 'time from one job to the next, as far as --concurrency allows', defaultText: '0, all at once' },
    { flags: '--question <text>', description: 'what every job asks', defaultText: 'questions chosen by the seed' },
    { flags: '--from <date>', description: 'first day of the period, YYYY-MM-DD', defaultText: 'three months before --to' },
    { flags: '--to <date>', description: 'last day of the period, YYYY-MM-DD', defaultText: 'the newest day in the data' },
    { flags: '--data <dir>', description: 'CSV files of your own, with a mapping.yaml (docs/data.md)', defaultText: 'the bundled business data' },
    ...infraFlags,
    allowHostsFlag,
    ...llmFlags,
    { flags: '--llm-latency-ms <number>', description: 'built-in model: time to the first token', defaultText: '20' },
    { flags: '--llm-tokens-per-second <number>', description: 'built-in model: speed after it, 0 = unlimited', defaultText: '5000' },
    { flags: '--reporting-hosts <number>', description: 'processes that make reports', defaultText: '2' },
    { flags: '--job-timeout-s <number>', description: 'a job without a report after this many seconds is overdue', defaultText: '120' },
    { flags: '--seed <text>', description: 'decides jobs, jitter and the built-in model’s wording', defaultText: '1' },
    { flags: '--out <dir>', description: 'the run folder; must not exist or be empty', defaultText: '.netra/runs/<run id>' },
    { flags: '--control', description: 'the control group: no checkpoints, retries, breakers or fallbacks' },
    fleetOption,
    noTuiFlag,
    { flags: '--json', description: 'one JSON object on stdout, progress on stderr' },
    { flags: '--quiet', description: 'no progress lines' },
  ],
  examples: ['netra-resilience run', 'netra-resilience run --jobs 20 --seed 7 --json > summary.json', 'netra-resilience run --data ./my-export --question "Why did returns rise?"'],
  load: () => import('../run/run-command.ts'),
});
