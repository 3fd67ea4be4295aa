import { doctor } from './doctor.ts';
import { run } from './run.ts';
import { runs } from './runs.ts';
import { show } from './show.ts';

/** In the order of the help. */
export const commands = [run, runs, show, doctor] as const;
