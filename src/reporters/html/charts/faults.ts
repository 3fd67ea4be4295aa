import type { JournalEvent } from '../../../journal/events.ts';
import { affectedText } from '../../visible-text.ts';
import type { Lane, Segment } from './chart-data.ts';

/** One lane a fault, one segment each time that it was injected; one that was never taken back lasts to the end. */
export function faultLanes(events: readonly JournalEvent[], endMs: number): Lane[] {
  const lanes = new Map<string, Segment[]>();
  const ends = new Map(events.flatMap((event) => (event.type === 'fault.healed' ? [[`${event.occurrence} ${event.fault}`, event] as const] : [])));
  for (const event of events) {
    if (event.type !== 'fault.injected') continue;
    const healed = ends.get(`${event.occurrence} ${event.fault}`);
    const affected = healed === undefined ? 'not taken back' : affectedText({ injected: 1, ...healed });
    const segments = lanes.get(event.fault) ?? [];
    lanes.set(event.fault, segments);
    segments.push({ fromMs: event.mono_ms, toMs: healed?.mono_ms ?? endMs, state: 'fault', text: `${event.fault_type}${event.target === '' ? '' : ` on ${event.target}`}: ${affected}`, seq: event.seq });
  }
  return [...lanes].map(([name, segments]) => ({ name, segments }));
}
