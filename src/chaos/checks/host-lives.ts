import type { FleetRecord, JournalEvent } from '../../journal/events.ts';

export type HostEvent = FleetRecord & { readonly seq: number };

/** What one process of a host told, from its start to its end; times are wall clock milliseconds. */
export interface HostLife {
  readonly host: string;
  /** In the order in which the host told them. */
  readonly events: readonly HostEvent[];
  /** When it was known to have ended, or the journal's last line where it had not. */
  readonly endAtMs: number;
  /** Some of what it told has not reached the journal: nothing follows from what is absent. */
  readonly hasGap: boolean;
}

interface GrowingLife {
  readonly host: string;
  readonly events: HostEvent[];
  endAtMs: number;
  hasGap: boolean;
}

/** A host that is started again begins a life of its own, with nothing in it of the one before. */
export function hostLives(events: readonly JournalEvent[]): HostLife[] {
  const lives: GrowingLife[] = [];
  const current = new Map<string, GrowingLife>();
  const endAtMs = Math.max(0, ...events.slice(-1).map(({ at }) => Date.parse(at)));
  const lifeOf = (host: string): GrowingLife => {
    const known = current.get(host);
    if (known !== undefined) return known;
    const life = { host, events: [], endAtMs, hasGap: false };
    current.set(host, life);
    lives.push(life);
    return life;
  };
  for (const event of events) {
    if (event.type === 'host.started') {
      current.delete(event.host);
      lifeOf(event.host);
    } else if (event.type === 'host.exited') {
      lifeOf(event.host).endAtMs = Date.parse(event.at);
      current.delete(event.host);
    } else if (event.type === 'infra.warning' && current.has(event.service)) {
      // Said of a host only where its feed lacks events.
      lifeOf(event.service).hasGap = true;
    } else if (isHostEvent(event)) lifeOf(event.host).events.push(event);
  }
  return lives;
}

export function isHostEvent(event: JournalEvent): event is JournalEvent & HostEvent {
  return 'host_at' in event && event.type !== 'llm.called';
}

/** Whether hosts were heard at all: only then does it mean something that they did not tell of a thing. */
export function hostsWereHeard(events: readonly JournalEvent[]): boolean {
  return events.some(isHostEvent);
}
