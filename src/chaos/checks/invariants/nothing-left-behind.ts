import { counted } from '../../../core/counted.ts';
import type { JournalEvent, LeftoverFound } from '../../../journal/events.ts';
import { defineInvariant } from '../check.ts';
import { faultTimes } from '../fault-times.ts';

const kinds: readonly LeftoverFound['kind'][] = ['process', 'key', 'group', 'proxy'];

/** In which hosts find Redis again once it is back. */
const reconnectMs = 2_000;

export const nothingLeftBehind = defineInvariant({
  name: 'nothing-left-behind',
  summary: 'No process of a host, no checkpoint of a finished job, no consumer and no fault stays behind',
  judge(events) {
    const all = events.filter((event) => event.type === 'leftover.found');
    const found = all.filter((leftover) => !goesByItself(leftover, events));
    if (found.length > 0) return { status: 'fail', detail: `left behind: ${counted(found.length, 'thing')}`, evidence: found.map(({ kind, name }) => `${kind}: ${name}`) };
    const sought = new Set(events.flatMap((event) => (event.type === 'leftover.sought' ? event.kinds : [])));
    const unsought = kinds.filter((kind) => !sought.has(kind));
    if (unsought.length > 0) return { status: 'unknown', detail: `it was not possible to look for everything: ${unsought.join(', ')}`, evidence: [...unsought] };
    const going = all.map(({ name, expires_in_ms: ms }) => `key: ${name} goes in ${Math.round(Number(ms) / 1_000)} s`);
    const expiring = going.length === 0 ? '' : `; ${counted(going.length, 'key')} of jobs that were done without Redis left to their time to live`;
    return { status: 'pass', detail: `no ${kinds.join(', no ')} was left behind${expiring}`, evidence: going };
  },
});

/** A checkpoint that could not be removed, since Redis was out of reach when its job was done: its time to live does it (C03). */
function goesByItself({ kind, job_id: jobId, expires_in_ms: expiresInMs }: LeftoverFound, events: readonly JournalEvent[]): boolean {
  if (kind !== 'key' || typeof expiresInMs !== 'number') return false;
  const reported = events.find((event) => event.type === 'job.reported' && event.job_id === jobId);
  if (reported === undefined) return false;
  const atMs = Date.parse(reported.at);
  return faultTimes(events).some(({ injected, fromMs, toMs }) => injected.target === 'redis' && atMs >= fromMs && atMs <= toMs + reconnectMs);
}
