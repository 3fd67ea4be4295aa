import type { JournalEvent } from '../../../journal/events.ts';
import type { LatencyLine, LatencyPoint } from './chart-data.ts';

/** One line a dependency, one point a second: of the hosts that sampled in it, medians weighted by calls, and the largest maximum. */
export function latencyLines(events: readonly JournalEvent[], endMs: number): LatencyLine[] {
  const lines = new Map<string, Map<number, LatencyPoint>>();
  for (const event of events) {
    if (event.type !== 'dependency.sampled' || !(event.calls > 0)) continue;
    const points = lines.get(event.dependency) ?? new Map<number, LatencyPoint>();
    lines.set(event.dependency, points);
    const second = Math.floor(event.mono_ms / 1_000);
    const before = points.get(second);
    const calls = (before?.calls ?? 0) + event.calls;
    points.set(second, {
      // Hosts sample at instants of their own: without a common one there would be two points close together, and a gap.
      atMs: Math.min(second * 1_000 + 500, endMs),
      p50Ms: ((before?.p50Ms ?? 0) * (before?.calls ?? 0) + event.latency_p50_ms * event.calls) / calls,
      maxMs: Math.max(before?.maxMs ?? 0, event.latency_max_ms),
      calls,
      failures: (before?.failures ?? 0) + event.failures,
      seq: event.seq,
    });
  }
  return [...lines].toSorted(([a], [b]) => a.localeCompare(b)).map(([dependency, points]) => ({ dependency, points: [...points.values()] }));
}
