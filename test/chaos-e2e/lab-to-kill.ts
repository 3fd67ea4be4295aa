import { runTestScenario, scenarioOf } from '../helpers/scenario.ts';

/** A lab that is in the middle of faults until somebody kills it: `node lab-to-kill.ts <run folder>`. Tells its hosts' pids. */
const [folder = ''] = process.argv.slice(2);
await runTestScenario(
  scenarioOf(`
infra: { llm_latency: 2s }
faults:
  - { type: down, target: redis }
  - { type: pause, target: reporting-1, at: 100ms }
`),
  {
    folder,
    onEvent: (event) => {
      if (event.type === 'host.started') process.stdout.write(`host ${event.pid}\n`);
      if (event.type === 'fault.injected' && event.fault_type === 'pause') process.stdout.write('paused\n');
    },
  },
);
