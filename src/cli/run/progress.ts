import type { ChalkInstance } from 'chalk';
import { eventText, type Span, type Tone } from '../../journal/event-text.ts';
import type { JournalEvent } from '../../journal/events.ts';

/** What stands before the text of every line. */
export const timeWidth = 10;

const styles = { strong: 'bold', dim: 'dim', good: 'green', warning: 'yellow', bad: 'red', notice: 'cyan', fault: 'magenta' } as const satisfies Record<Exclude<Tone, 'plain'>, keyof ChalkInstance>;

/** The event as a line with the time of the run before it; undefined for one that is not worth a line. */
export function progressLine(event: JournalEvent, paint: ChalkInstance): string | undefined {
  const spans = eventText(event);
  if (spans === undefined) return undefined;
  return `${paint.dim(`${(event.mono_ms / 1_000).toFixed(2).padStart(7)}s`)}  ${spans.map((span) => painted(span, paint)).join('')}`;
}

function painted({ tone, text }: Span, paint: ChalkInstance): string {
  return tone === 'plain' ? text : paint[styles[tone]](text);
}
