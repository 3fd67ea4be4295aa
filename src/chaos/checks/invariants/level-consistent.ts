import { counted } from '../../../core/counted.ts';
import { defineInvariant } from '../check.ts';
import { levelsOf } from '../fleet-level.ts';
import { hostLives, hostsWereHeard, type HostLife } from '../host-lives.ts';

/** In which a host's level has to follow what it knows of its dependencies. */
const settlingMs = 1_000;

export const levelConsistent = defineInvariant({
  name: 'level-consistent',
  summary: `Every host's degradation level follows from the state of its dependencies, within ${settlingMs} ms`,
  judge(events) {
    if (!hostsWereHeard(events)) return { status: 'unknown', detail: 'no host has told of anything', evidence: [] };
    const lives = hostLives(events).filter(({ hasGap }) => !hasGap);
    const wrong = lives.flatMap(inconsistenciesOf);
    if (wrong.length > 0) return { status: 'fail', detail: `${counted(wrong.length, 'time')} a host's level did not follow from its dependencies`, evidence: wrong };
    const changes = events.filter((event) => event.type === 'level.changed').length;
    if (lives.length === 0) return { status: 'unknown', detail: 'events of every host were lost', evidence: [] };
    return { status: 'pass', detail: `${counted(changes, 'change')} of level on ${counted(new Set(lives.map(({ host }) => host)).size, 'host')}, each as its dependencies were`, evidence: [] };
  },
});

/** A host begins at level 0 with everything up, until it says otherwise. */
function inconsistenciesOf({ host, events, endAtMs }: HostLife): string[] {
  const told = events.filter((event) => event.type === 'dependency.changed' || event.type === 'level.changed');
  const down = new Set<string>();
  let level = 0;
  let wrongSinceMs: number | undefined;
  const wrong: string[] = [];
  told.forEach((event, index) => {
    if (event.type === 'level.changed') {
      if (event.from !== level) wrong.push(`seq ${event.seq}: ${host} left level ${event.from}, and had been at ${level}`);
      level = event.to;
    } else if (event.up) down.delete(event.dependency);
    else down.add(event.dependency);
    const allowed = levelsOf(down);
    if (allowed.includes(level)) wrongSinceMs = undefined;
    else {
      wrongSinceMs ??= event.host_at;
      const untilMs = told[index + 1]?.host_at ?? endAtMs;
      if (untilMs - wrongSinceMs > settlingMs) {
        wrong.push(`seq ${event.seq}: ${host} at level ${level} for ${untilMs - wrongSinceMs} ms, and ${down.size === 0 ? 'nothing' : [...down].join(', ')} down means ${allowed.join(' or ')}`);
        wrongSinceMs = untilMs;
      }
    }
  });
  return wrong;
}
