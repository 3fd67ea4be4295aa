import { describe, expect, it } from 'vitest';
import { judgeCourse } from '../../../src/chaos/engine/course-checks.ts';
import type { JournalEvent } from '../../../src/journal/events.ts';

let seq = 0;
const event = (fact: object): JournalEvent => ({ ...fact, seq: ++seq }) as unknown as JournalEvent;
const steady = (phase: string, met: boolean): JournalEvent => event({ type: 'steady.checked', phase, met, waited_ms: 12, detail: met ? 'level 0' : 'control-1 is at level 2' });
const statuses = (...events: JournalEvent[]): string[] => judgeCourse(events).map(({ check, status }) => `${check} ${status}`);

describe('the course of a scenario', () => {
  it('P02 steady before and after is a pass; not back is a failure', () => {
    expect(statuses(steady('before', true), steady('after', true))).toEqual(['steady-state pass']);
    expect(statuses(steady('before', true), steady('after', false))).toEqual(['steady-state fail']);
  });

  it('P02 no steady state before, or none looked at, has shown nothing', () => {
    expect(statuses(steady('before', false))).toEqual(['steady-state unknown']);
    expect(judgeCourse([steady('before', false)])[0]?.detail).toContain('control-1 is at level 2');
    expect(statuses()).toEqual(['steady-state unknown']);
    expect(statuses(steady('before', true))).toEqual(['steady-state unknown']);
  });

  it('P02 a guardrail that tripped is a failure', () => {
    const tripped = event({ type: 'guardrail.tripped', guardrail: 'level-4', detail: 'level 4 lasted' });
    expect(statuses(steady('before', true), tripped, steady('after', true))).toEqual(['steady-state pass', 'guardrails fail']);
  });
});
