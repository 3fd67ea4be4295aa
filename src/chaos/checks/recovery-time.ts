import type { JournalEvent } from '../../journal/events.ts';

export type Recovery =
  | { readonly kind: 'no-fault' }
  /** Every host was at level 0 so long after the last fault had been taken back, and stayed there. */
  | { readonly kind: 'recovered'; readonly afterMs: number; readonly seq: number }
  /** Hosts that were not back when the fleet was stopped, so long after the last fault. */
  | { readonly kind: 'not-recovered'; readonly watchedMs: number; readonly levels: ReadonlyMap<string, number> };

/** From the last `fault.healed` to level 0 on all hosts. A host that is started again begins at level 0; one that ends for good is not back by that. */
export function recoveryOf(events: readonly JournalEvent[]): Recovery {
  const healed = events.findLast((event) => event.type === 'fault.healed');
  if (healed === undefined) return { kind: 'no-fault' };
  const end = endOfFleet(events, healed.seq);
  const levels = new Map<string, number>();
  let back: { readonly mono_ms: number; readonly seq: number } = healed;
  let wasDegraded = false;
  for (const event of events) {
    if (event.seq > end.seq) break;
    if (event.type === 'level.changed') levels.set(event.host, event.to);
    else if (event.type === 'host.started') levels.delete(event.host);
    else if (event !== healed) continue;
    const isDegraded = [...levels.values()].some((level) => level > 0);
    if (wasDegraded && !isDegraded && event.seq > healed.seq) back = event;
    wasDegraded = isDegraded;
  }
  if (!wasDegraded) return { kind: 'recovered', afterMs: back.mono_ms - healed.mono_ms, seq: back.seq };
  return { kind: 'not-recovered', watchedMs: end.mono_ms - healed.mono_ms, levels: new Map([...levels].filter(([, level]) => level > 0)) };
}

/** The first line that tells of a host's last end, or the last line where there is none. */
function endOfFleet(events: readonly JournalEvent[], healedSeq: number): JournalEvent {
  const lastStart = new Map(events.flatMap((event) => (event.type === 'host.started' ? [[event.host, event.seq] as const] : [])));
  const ended = events.find((event) => event.type === 'host.exited' && event.seq > healedSeq && event.seq > (lastStart.get(event.host) ?? 0));
  return ended ?? (events.at(-1) as JournalEvent);
}
