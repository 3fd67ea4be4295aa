import type { JournalEvent } from '../../../journal/events.ts';
import type { Lane, Segment } from './chart-data.ts';

/** One lane for every breaker that changed: `host / breaker`. Before its first change it was what it then left; its host's end ends it. */
export function breakerLanes(events: readonly JournalEvent[], endMs: number): Lane[] {
  const lanes = new Map<string, { readonly host: string; readonly done: Segment[]; open: Omit<Segment, 'toMs'> | undefined }>();
  const bornMs = new Map<string, { readonly mono_ms: number; readonly seq: number }>();
  for (const event of events) {
    if (event.type === 'host.started') bornMs.set(event.host, event);
    else if (event.type === 'breaker.transition') {
      const name = `${event.host} / ${event.breaker}`;
      const born = bornMs.get(event.host);
      const lane = lanes.get(name) ?? { host: event.host, done: [], open: undefined };
      lanes.set(name, lane);
      lane.open ??= { fromMs: born?.mono_ms ?? 0, state: event.from, text: event.from, seq: born?.seq ?? event.seq };
      lane.done.push({ ...lane.open, toMs: event.mono_ms });
      const rate = typeof event.failure_rate === 'number' ? `, ${Math.round(event.failure_rate * 100)} % of calls failed` : '';
      lane.open = { fromMs: event.mono_ms, state: event.to, text: `${event.to}, was ${event.from}${rate}`, seq: event.seq };
    } else if (event.type === 'host.exited') {
      for (const lane of lanes.values()) if (lane.host === event.host) close(lane, event.mono_ms);
    }
  }
  for (const lane of lanes.values()) close(lane, endMs);
  return [...lanes].toSorted(([a], [b]) => a.localeCompare(b, 'en', { numeric: true })).map(([name, { done }]) => ({ name, segments: done }));
}

function close(lane: { readonly done: Segment[]; open: Omit<Segment, 'toMs'> | undefined }, atMs: number): void {
  if (lane.open !== undefined) lane.done.push({ ...lane.open, toMs: atMs });
  lane.open = undefined;
}
