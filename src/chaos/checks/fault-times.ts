import type { FaultInjected, JournalEvent } from '../../journal/events.ts';

/** One time of a fault; wall clock milliseconds. */
export interface FaultTime {
  readonly injected: FaultInjected;
  readonly fromMs: number;
  /** Infinity where it was never taken back. */
  readonly toMs: number;
}

export function faultTimes(events: readonly JournalEvent[]): FaultTime[] {
  return events.flatMap((event) => {
    if (event.type !== 'fault.injected') return [];
    const healed = events.find((other) => other.type === 'fault.healed' && other.fault === event.fault && other.occurrence === event.occurrence && other.seq > event.seq);
    return [{ injected: event, fromMs: Date.parse(event.at), toMs: healed === undefined ? Number.POSITIVE_INFINITY : Date.parse(healed.at) }];
  });
}
