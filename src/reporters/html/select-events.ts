import type { JournalEvent } from '../../journal/events.ts';
import { elementText, plainJson, type Markup } from './markup.ts';

/** A larger journal is shown without its types of high volume. */
const wholeUpTo = 5_000;
/** Of all of them: a page of a few megabytes still opens at once. */
const maxBytes = 4_000_000;
/** An item of the list without its JSON. */
const itemBytes = 450;
/** Of one event: a scenario's text or a report may be long. */
const maxEventLength = 20_000;

const highVolume: ReadonlySet<string> = new Set(['agent.sampled', 'dependency.sampled', 'breaker.sampled', 'section.completed', 'agent.started', 'agent.thinking', 'agent.completed', 'checkpoint.saved', 'llm.called', 'retry.scheduled', 'report.grounded', 'report.counted', 'report.stored']);

export interface ShownEvent {
  readonly event: JournalEvent;
  readonly json: Markup;
  /** The JSON was too long, and ends in the middle. */
  readonly cut: boolean;
}

export interface SelectedEvents {
  /** In the order of the journal. */
  readonly shown: readonly ShownEvent[];
  /** How many of each type are in the journal alone. */
  readonly leftOut: ReadonlyMap<string, number>;
}

/** The events that go into the page: first those that something refers to, then the rest as far as there is room. */
export function selectEvents(events: readonly JournalEvent[], referredTo: ReadonlySet<number>): SelectedEvents {
  const rank = ({ seq, type }: JournalEvent): number => (referredTo.has(seq) ? 0 : highVolume.has(type) ? 2 : 1);
  const shown: ShownEvent[] = [];
  const leftOut = new Map<string, number>();
  let bytes = 0;
  const ranks = Map.groupBy(events, rank);
  for (const event of [0, 1, 2].flatMap((each) => ranks.get(each) ?? [])) {
    const entry = (events.length > wholeUpTo && rank(event) === 2) || bytes > maxBytes ? undefined : toShown(event);
    const size = entry === undefined ? 0 : itemBytes + Buffer.byteLength(entry.json.text);
    if (entry === undefined || bytes + size > maxBytes) leftOut.set(event.type, (leftOut.get(event.type) ?? 0) + 1);
    else {
      bytes += size;
      shown.push(entry);
    }
  }
  return { shown: shown.toSorted((a, b) => a.event.seq - b.event.seq), leftOut };
}

function toShown(event: JournalEvent): ShownEvent {
  const json = plainJson(event);
  const cut = json.length > maxEventLength;
  return { event, json: elementText(cut ? json.slice(0, maxEventLength) : json), cut };
}
