import type { JournalEvent } from '../../journal/events.ts';
import type { PlayerBar } from '../ui/screen-props.ts';
import { isFailure } from './failures.ts';

/** More than the widest terminal has columns for; what falls into one place is one mark. */
const places = 400;

/** Faults and failures along the bar, in order: of each kind at most one in a place, its first. */
export function barMarks(events: readonly JournalEvent[], lengthMs: number, timeOf: (count: number) => number): PlayerBar['marks'] {
  const marks: PlayerBar['marks'][number][] = [];
  const lastPlace = { fault: -1, failure: -1 };
  for (const [index, event] of events.entries()) {
    const kind = event.type === 'fault.injected' ? 'fault' : isFailure(event) ? 'failure' : undefined;
    if (kind === undefined) continue;
    const atMs = timeOf(index + 1);
    const place = lengthMs === 0 ? 0 : Math.floor((atMs / lengthMs) * (places - 1));
    if (place === lastPlace[kind]) continue;
    lastPlace[kind] = place;
    marks.push({ atMs, kind });
  }
  return marks;
}
