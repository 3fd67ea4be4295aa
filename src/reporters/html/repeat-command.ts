import type { JournalEvent } from '../../journal/events.ts';
import type { ScenarioReport } from '../chaos-report.ts';

/** A scenario that came with the program, or lies in `./scenarios`: it is known by its name. */
const named = /^(?:.*\/netra-resilience\/)?scenarios\/([\w-]+)\.ya?ml$/;

/** Words to type to run the same again: everything that the journal knows of the command that made it. */
export function repeatCommand({ file, seed, provider, control }: ScenarioReport, events: readonly JournalEvent[]): string[] {
  const started = events.find((event) => event.type === 'run.started');
  const what = file === '' ? ['run', ...(started === undefined ? [] : ['--jobs', String(started.jobs)])] : ['chaos', named.exec(file)?.[1] ?? file];
  // A scenario has no run without resilience but beside one with it.
  const both = control !== undefined || started?.control === true;
  return ['npx', 'netra-resilience', ...what, '--seed', seed, ...(provider === '' ? [] : ['--infra', provider]), ...(both ? ['--control'] : [])].map(quoted);
}

/** As a POSIX shell takes it. */
function quoted(word: string): string {
  return /^[\w./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
