import type { JournalEvent } from '../../../journal/events.ts';
import type { LevelLine, LevelStep } from './chart-data.ts';

/** One line a host, and before them that of the fleet: the worst of its hosts. A host is at level 0 from when it is ready until it says otherwise, and nowhere once it has ended. */
export function levelLines(events: readonly JournalEvent[]): LevelLine[] {
  const hosts = new Map<string, LevelStep[]>();
  const fleet: LevelStep[] = [];
  const now = new Map<string, number>();
  const step = (host: string, level: number | null, reason: string, { mono_ms: atMs, seq }: JournalEvent): void => {
    const steps = hosts.get(host) ?? [];
    hosts.set(host, steps);
    if ((steps.at(-1)?.level ?? null) !== level) steps.push({ atMs, level, reason, seq });
    if (level === null) now.delete(host);
    else now.set(host, level);
    const worst = now.size === 0 ? null : Math.max(...now.values());
    if ((fleet.at(-1)?.level ?? null) !== worst) fleet.push({ atMs, level: worst, reason: worst === null ? 'no host is there' : `${host}: ${reason}`, seq });
  };
  for (const event of events) {
    if (event.type === 'host.ready') step(event.host, now.get(event.host) ?? 0, 'ready', event);
    else if (event.type === 'level.changed') step(event.host, event.to, event.reason, event);
    else if (event.type === 'host.exited') step(event.host, null, 'ended', event);
  }
  const lines = [...hosts].filter(([, steps]) => steps.length > 0).toSorted(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }));
  return lines.length === 0 ? [] : [{ name: 'fleet', steps: fleet }, ...lines.map(([name, steps]) => ({ name, steps }))];
}
