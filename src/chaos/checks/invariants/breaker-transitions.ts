import { counted } from '../../../core/counted.ts';
import { defineInvariant } from '../check.ts';
import type { BreakerStateName } from '../breaker-states.ts';
import { hostLives, hostsWereHeard, type HostEvent } from '../host-lives.ts';

/** R06. A breaker may be isolated from any state, and is closed by hand after that. */
const legal: Readonly<Record<BreakerStateName, readonly BreakerStateName[]>> = {
  closed: ['open', 'isolated'],
  open: ['half-open', 'isolated'],
  'half-open': ['closed', 'open', 'isolated'],
  isolated: ['closed'],
};
/** Their connectors close them when their own probe was answered, without a call as the probe. */
const closedByProbes: ReadonlySet<string> = new Set(['postgres', 'redis', 'kafka']);

export const breakerTransitions = defineInvariant({
  name: 'breaker-transitions',
  summary: 'Every circuit breaker goes closed → open → half-open → closed or open, from where it was',
  judge(events) {
    if (!hostsWereHeard(events)) return { status: 'unknown', detail: 'no host has told of anything', evidence: [] };
    let looked = 0;
    const illegal: string[] = [];
    for (const life of hostLives(events)) {
      const states = new Map<string, string>();
      for (const event of life.events) {
        if (event.type !== 'breaker.transition') continue;
        looked += 1;
        const was = states.get(event.breaker) ?? (life.hasGap ? event.from : 'closed');
        const why = whyIllegal(event, life.hasGap ? event.from : was);
        if (why !== undefined) illegal.push(`seq ${event.seq}: ${event.breaker} on ${life.host} ${why}`);
        states.set(event.breaker, event.to);
      }
    }
    if (illegal.length > 0) return { status: 'fail', detail: `${illegal.length} of ${counted(looked, 'transition')} illegal`, evidence: illegal };
    return { status: 'pass', detail: looked === 0 ? 'no breaker changed its state' : `${counted(looked, 'transition')}, all legal`, evidence: [] };
  },
});

function whyIllegal({ breaker, from, to }: Extract<HostEvent, { type: 'breaker.transition' }>, was: string): string | undefined {
  if (from !== was) return `went from ${from} to ${to}, and had been ${was}`;
  if (from === 'open' && to === 'closed' && closedByProbes.has(breaker)) return undefined;
  const next: readonly string[] = Object.hasOwn(legal, from) ? legal[from as BreakerStateName] : [];
  return next.includes(to) ? undefined : `went from ${from} to ${to}`;
}
