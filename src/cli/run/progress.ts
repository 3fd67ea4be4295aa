import type { ChalkInstance } from 'chalk';
import { eventText, type Tone } from '../../journal/event-text.ts';
import type { JournalEvent } from '../../journal/events.ts';

/** What stands before the text of every line. */
export const timeWidth = 10;

/** The event as a line with the time of the run before it; undefined for one that is not worth a line. */
export function progressLine(event: JournalEvent, paint: ChalkInstance): string | undefined {
  const text = eventText(event)?.map((span) => painted(span.tone, paint)(span.text)).join('');
  return text === undefined ? undefined : `${paint.dim(`${(event.mono_ms / 1_000).toFixed(2).padStart(7)}s`)}  ${text}`;
}

function painted(tone: Tone, paint: ChalkInstance): (text: string) => string {
  switch (tone) {
    case 'plain':
      return (text) => text;
    case 'strong':
      return paint.bold;
    case 'dim':
      return paint.dim;
    case 'good':
      return paint.green;
    case 'warning':
      return paint.yellow;
    case 'bad':
      return paint.red;
    case 'notice':
      return paint.cyan;
    case 'fault':
      return paint.magenta;
  }
}
