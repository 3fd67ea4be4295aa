import { idle } from './idle.ts';
import { failureCost, telemetryCost } from './internals.ts';
import { concurrent, inFlight } from './load.ts';
import { overhead } from './overhead.ts';

/** One measurement in a process of its own: `worker.ts <suite> <argument>` prints JSON. */
const [suite = '', argument = ''] = process.argv.slice(2);
const suites: Record<string, () => unknown> = {
  overhead: () => overhead(Number(argument)),
  concurrent,
  'in-flight': inFlight,
  idle: () => idle(argument),
  failures: failureCost,
  telemetry: telemetryCost,
};
const run = suites[suite];
if (run === undefined) throw new Error(`no suite ${suite}`);
process.stdout.write(JSON.stringify(await run()), () => process.exit());
