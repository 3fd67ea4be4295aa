import type { TrailStep } from '../../journal/causal-trail.ts';
import { errorsIn } from '../../journal/error-occurrences.ts';
import { eventLine } from '../../reporters/html/event-line.ts';
import { oneLine, seconds } from '../../reporters/visible-text.ts';
import { hangingLine } from '../layout/hanging-line.ts';
import type { Look } from './errors-text.ts';
import type { RunAbout, TrailHead } from './errors-object.ts';

/** One line a step: when, on which host, what; `✘` where something failed, `·` where it happened around it. */
export function trailText({ runId, jobs, correlationIds, errors }: TrailHead, steps: readonly TrailStep[], about: RunAbout, { paint, columns }: Look): string {
  const atWidth = widest(steps, ({ ms }) => seconds(ms));
  const hostWidth = widest(steps, hostOf);
  const typeWidth = widest(steps, ({ event }) => event.type);
  const lines = steps.map((step) => {
    const { ms, relation, failed, event } = step;
    const mark = failed ? '✘' : relation === 'around' ? '·' : ' ';
    const text = `${seconds(ms).padStart(atWidth)} ${mark} ${hostOf(step).padEnd(hostWidth)}  ${event.type.padEnd(typeWidth)}  ${told(step)}`;
    const colour = failed ? paint.red : relation === 'around' ? paint.magenta : (plain: string) => plain;
    return colour(hangingLine(text, atWidth + 3, columns));
  });
  const subject = [...jobs.map((job) => `job ${oneLine(job)}`), ...correlationIds.map((id) => `correlation ${oneLine(id)}`)].join('  ');
  const head = `run ${paint.bold(oneLine(runId))}  ${subject}  ${steps.length} steps, ${errors} failed${about.finished ? '' : paint.yellow('  (the run did not come to its end)')}`;
  return `${hangingLine(head, 2, columns)}\n\n${lines.join('\n')}\n`;
}

function widest(steps: readonly TrailStep[], text: (step: TrailStep) => string): number {
  return steps.reduce((most, step) => Math.max(most, text(step).length), 0);
}

function hostOf({ event }: TrailStep): string {
  return 'host' in event && typeof event.host === 'string' ? oneLine(event.host) : 'lab';
}

function told({ event, failed }: TrailStep): string {
  const error = failed ? errorsIn(event)[0] : undefined;
  return error === undefined ? eventLine(event) : oneLine(`${error.operation === undefined ? '' : `${error.operation}: `}${error.code} ${error.message}`);
}
