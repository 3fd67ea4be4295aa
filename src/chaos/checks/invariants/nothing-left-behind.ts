import type { LeftoverFound } from '../../../journal/events.ts';
import { defineInvariant } from '../check.ts';

const kinds: readonly LeftoverFound['kind'][] = ['process', 'key', 'group', 'proxy'];

export const nothingLeftBehind = defineInvariant({
  name: 'nothing-left-behind',
  summary: 'No process of a host, no checkpoint of a finished job, no consumer and no fault stays behind',
  judge(events) {
    const found = events.filter((event) => event.type === 'leftover.found');
    if (found.length > 0) return { status: 'fail', detail: `${found.length} things were left behind`, evidence: found.map(({ kind, name }) => `${kind}: ${name}`) };
    const sought = new Set(events.flatMap((event) => (event.type === 'leftover.sought' ? event.kinds : [])));
    const unsought = kinds.filter((kind) => !sought.has(kind));
    if (unsought.length > 0) return { status: 'unknown', detail: `it was not possible to look for everything: ${unsought.join(', ')}`, evidence: [...unsought] };
    return { status: 'pass', detail: `no ${kinds.join(', no ')} was left behind`, evidence: [] };
  },
});
