import { z } from 'zod';
import type { JournalEvent } from '../../../journal/events.ts';
import { defineExpectation } from './expectation.ts';

const level = z.int().min(0).max(4);

export const levelReached = defineExpectation({
  name: 'level-reached',
  summary: 'The worst degradation level of any host, from the steady state or the first fault on, is within bounds',
  parameters: z
    .strictObject({ at_least: level.optional(), at_most: level.optional() })
    .refine(({ at_least: least, at_most: most }) => least !== undefined || most !== undefined, { error: 'asks for nothing; write at_least, at_most or both' })
    .refine(({ at_least: least = 0, at_most: most = 4 }) => least <= most, { error: 'asks for more than it allows' }),
  judge(events, { at_least: atLeast = 0, at_most: atMost = 4 }) {
    if (!events.some((event) => event.type === 'host.ready' || event.type === 'level.changed')) return { status: 'unknown', detail: 'no host was ready', evidence: [] };
    const begin = events.findIndex(beginsTheExperiment);
    const changes = events.slice(Math.max(0, begin)).filter((event) => event.type === 'level.changed');
    const worst = Math.max(0, ...changes.map(({ to }) => to));
    return {
      status: worst >= atLeast && worst <= atMost ? 'pass' : 'fail',
      detail: `the worst level was ${worst}; ${atLeast} to ${atMost} was asked for`,
      evidence: changes.filter(({ to }) => to === worst).map((event) => `seq ${event.seq}: ${event.host} at ${event.to} (${event.reason})`),
    };
  },
});

/** A slow start may have shown levels of its own, and is no part of what is judged. */
function beginsTheExperiment({ type }: JournalEvent): boolean {
  return type === 'steady.checked' || type === 'fault.injected';
}
