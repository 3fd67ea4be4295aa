import { chaos } from './chaos.ts';
import { doctor } from './doctor.ts';
import { errors } from './errors.ts';
import { host } from './host.ts';
import { replay } from './replay.ts';
import { run } from './run.ts';
import { runs } from './runs.ts';
import { scenarios } from './scenarios.ts';
import { schema } from './schema.ts';
import { show } from './show.ts';

/** In the order of the help. */
export const commands = [run, chaos, scenarios, schema, replay, runs, show, errors, host, doctor] as const;
