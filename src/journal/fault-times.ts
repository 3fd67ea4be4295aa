import type { JournalEvent } from './events.ts';

/**
 * Errors this long after a fault are still its doing: what it broke is held to be broken until it is asked again, and open
 * breakers of the bundled fleet ask after 5 s at most in the beginning, dependency watches after 2 s.
 */
export const faultGraceMs = 5_000;

/** `fault.injected` is written once the injection is confirmed; what it broke may have been noticed by then. */
const faultLeadMs = 500;

/** From when to when a fault was at work. */
export interface FaultTime {
  readonly fault: string;
  readonly type: string;
  readonly target: string;
  readonly occurrence: number;
  readonly fromMs: number;
  /** Undefined where the journal ends before. */
  readonly toMs: number | undefined;
}

/** All of a run's faults, in the order in which they began. What a fault ended (a process that it killed) is gone until that host is ready again. */
export function faultTimes(events: readonly JournalEvent[]): FaultTime[] {
  const times: { -readonly [Name in keyof FaultTime]: FaultTime[Name] }[] = [];
  const gone = new Map<string, typeof times>();
  for (const event of events) {
    if (event.type === 'fault.injected') {
      times.push({ fault: event.fault, type: event.fault_type, target: event.target, occurrence: event.occurrence, fromMs: event.mono_ms, toMs: undefined });
    } else if (event.type === 'fault.healed') {
      const healed = times.findLast(({ fault, occurrence, toMs }) => fault === event.fault && occurrence === event.occurrence && toMs === undefined);
      if (healed !== undefined) healed.toMs = event.mono_ms;
    } else if (event.type === 'host.exited') {
      const why = times.filter(({ target, toMs }) => concerns(target, event.host) && (toMs === undefined || event.mono_ms <= toMs + faultGraceMs));
      if (why.length > 0) gone.set(event.host, why);
    } else if (event.type === 'host.ready') {
      for (const time of gone.get(event.host) ?? []) if (time.toMs !== undefined) time.toMs = Math.max(time.toMs, event.mono_ms);
      gone.delete(event.host);
    }
  }
  return times;
}

/** Those that were at work at an instant, give or take what their events are late. */
export function faultsAt(times: readonly FaultTime[], ms: number): FaultTime[] {
  return times.filter(({ fromMs, toMs }) => fromMs - faultLeadMs <= ms && (toMs === undefined || ms <= toMs + faultGraceMs));
}

/** Whether a target (`redis`, `reporting-1`, `reporting` for all of a role, several separated by commas) is, or takes in, a service or a host. */
export function concerns(target: string, name: string): boolean {
  return target.split(/[, ]+/).some((each) => each !== '' && (name === each || name.startsWith(`${each}-`)));
}
