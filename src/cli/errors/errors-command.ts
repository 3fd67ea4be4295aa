import { Chalk } from 'chalk';
import { nearest, Problems } from '../../core/problems.ts';
import { causalTrail, correlationSubject, jobSubject, type TrailStep } from '../../journal/causal-trail.ts';
import { groupErrors, jobNames } from '../../journal/error-groups.ts';
import type { JournalEvent } from '../../journal/events.ts';
import { readRecordedJournal, shortcomings } from '../chaos/recorded-journal.ts';
import type { CommandHandler, CommandInput } from '../command.ts';
import { UsageError } from '../error-codes.ts';
import { exitCodes } from '../exit-codes.ts';
import { findCode } from './code-tables.ts';
import { errorsObject, trailHead, trailObject } from './errors-object.ts';
import { errorsText } from './errors-text.ts';
import { trailText } from './trail-text.ts';

export const run: CommandHandler = async (input, context) => {
  const problems = new Problems();
  problems.list.push(...input.problems);
  const { job, correlation } = wantedTrail(input);
  if (job !== undefined && correlation !== undefined) problems.add('--correlation', 'stands beside --job', 'leave one of them out: each follows one thing');
  const [wanted = ''] = input.positionals;
  const journal = problems.any ? undefined : await readRecordedJournal(wanted, context.cwd, problems);
  if (journal === undefined) throw new UsageError(problems.list);
  const { events, folder } = journal;
  const steps = trail(events, { job, correlation }, problems);
  if (problems.any) throw new UsageError(problems.list);
  const finished = events.some(({ type }) => type === 'run.finished');
  const look = { paint: new Chalk({ level: context.colour ? 1 : 0 }), columns: context.columns };
  const about = { folder, finished, wanted };
  if (steps !== undefined) {
    const head = trailHead(events, steps);
    context.stdout.write(input.options.json === true ? `${JSON.stringify(trailObject(head, steps, about))}\n` : trailText(head, steps, about, look));
  } else {
    const errors = groupErrors(events, findCode);
    context.stdout.write(input.options.json === true ? `${JSON.stringify(errorsObject(errors, about))}\n` : errorsText(errors, about, look));
  }
  for (const line of await shortcomings(journal, { what: 'looked at', again: 'look again for more' })) context.stderr.write(`${line}\n`);
  return exitCodes.pass;
};

interface WantedTrail {
  readonly job: string | undefined;
  readonly correlation: string | undefined;
}

function wantedTrail({ options }: CommandInput): WantedTrail {
  const text = (name: string): string | undefined => (typeof options[name] === 'string' ? options[name] : undefined);
  return { job: text('job'), correlation: text('correlation') };
}

/** undefined where none is wanted, or with its reason in `problems`. */
function trail(events: readonly JournalEvent[], { job, correlation }: WantedTrail, problems: Problems): TrailStep[] | undefined {
  if (job !== undefined) {
    const subject = jobSubject(events, job);
    if (subject !== undefined) return causalTrail(events, subject);
    const names = [...jobNames(events).values()];
    const near = nearest(job, names);
    problems.add(`--job ${job}`, 'the run has no job of that name', near === undefined ? `it has ${names.slice(0, 20).join(', ') || 'none'}${names.length > 20 ? ', …' : ''}` : `did you mean ${near}?`);
  }
  if (correlation !== undefined) {
    const steps = causalTrail(events, correlationSubject(events, correlation));
    if (steps.length > 0) return steps;
    problems.add(`--correlation ${correlation}`, 'nothing in the run carries that id', 'take one from a log line, an event, an error answer, or what `netra-resilience errors` shows; or follow a job with --job');
  }
  return undefined;
}
