import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JournalEvent } from '../../../src/journal/events.ts';
import { createRng } from '../../../src/core/rng.ts';
import { applyEvent } from '../../../src/tui/model/apply-event.ts';
import { newScreenState } from '../../../src/tui/model/new-state.ts';
import type { ScreenState } from '../../../src/tui/model/screen-state.ts';
import { PlayedJournal } from '../../../src/tui/replay/played-journal.ts';
import { longJournal } from '../../helpers/long-journal.ts';
import { stateText } from './state-text.ts';

function foldOf(events: readonly JournalEvent[]): ScreenState {
  const state = newScreenState();
  for (const event of events) applyEvent(state, event);
  return state;
}

/** Three copies and a bit: states before, at and behind each of them. */
const events = longJournal(7_500, 'seeks');
const counts = [0, 1, 2, 999, 1_999, 2_000, 2_001, 3_500, 3_999, 4_000, 4_001, 5_999, 6_000, 6_001, 7_000, 7_499, 7_500];
const fresh = new Map(counts.map((count) => [count, stateText(foldOf(events.slice(0, count)))]));

describe('a played journal', () => {
  it('P03 after any seeks, with any part of the copies made, it shows what a fold from the beginning comes to', () => {
    const seek = fc.record({ count: fc.constantFrom(...counts), prepare: fc.constantFrom(0, 0, 700, 2_000, 10_000) });
    fc.assert(
      fc.property(fc.array(seek, { minLength: 1, maxLength: 10 }), (seeks) => {
        const journal = new PlayedJournal(events);
        for (const { count, prepare } of seeks) {
          journal.prepare(prepare);
          expect(stateText(journal.stateAfter(count)) === fresh.get(count), `after ${count} events`).toBe(true);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('P03 at 1,000 instants, in any order, it shows what was shown live', () => {
    const live = newScreenState();
    const rng = createRng('instants');
    const recorded = events.slice(0, 700);
    const journal = new PlayedJournal(recorded, 35);
    const instants = Array.from({ length: 1_000 }, () => rng.next() * journal.lengthMs).toSorted((a, b) => a - b);
    let told = 0;
    const shown = instants.map((atMs) => {
      for (; (recorded[told] as JournalEvent).mono_ms <= atMs; told++) applyEvent(live, recorded[told] as JournalEvent);
      return { atMs, text: stateText(live) };
    });
    journal.prepare();
    const different = shown.toSorted(() => rng.next() - 0.5).filter(({ atMs, text }) => stateText(journal.stateAt(atMs)) !== text);
    expect(different.map(({ atMs }) => atMs)).toEqual([]);
    expect(new Set(shown.map(({ text }) => text)).size).toBeGreaterThan(300);
  });

  it('P03 an instant is after everything that happened at it, and before what came next', () => {
    const at = (mono_ms: number, index: number): JournalEvent => ({ ...(events[index] as JournalEvent), seq: index + 1, mono_ms });
    const journal = new PlayedJournal([3, 7, 7, 7, 9].map(at));
    expect([0, 2.9, 3, 6.9, 7, 8, 9, 1_000].map((atMs) => journal.countAt(atMs))).toEqual([0, 0, 1, 1, 4, 4, 5, 5]);
    expect([0, 1, 2, 4, 5].map((count) => journal.timeOf(count))).toEqual([0, 3, 7, 7, 9]);
    expect(journal.lengthMs).toBe(9);
  });

  it('P03 time that steps back or is missing, in a file that was changed by hand, stands still', () => {
    const [first, second, third, fourth] = events.slice(0, 4) as [JournalEvent, JournalEvent, JournalEvent, JournalEvent];
    const journal = new PlayedJournal([{ ...first, mono_ms: 5 }, { ...second, mono_ms: 2 }, { ...third, mono_ms: undefined as unknown as number }, { ...fourth, mono_ms: 6 }]);
    expect([1, 2, 3, 4].map((count) => journal.timeOf(count))).toEqual([5, 5, 5, 6]);
    expect(journal.stateAt(5).seq).toBe(3);
  });

  it('P03 one without events is the beginning', () => {
    const journal = new PlayedJournal([]);
    expect(journal.lengthMs).toBe(0);
    expect(journal.prepare()).toBe(false);
    expect(stateText(journal.stateAfter(3))).toBe(stateText(newScreenState()));
  });

  it('P03 copies are made a slice at a time, and no more than a fixed number of them however long the run is', () => {
    const journal = new PlayedJournal(events);
    expect([journal.prepare(3_000), journal.prepare(2_000), journal.prepare(1_000), journal.prepare(1_000)]).toEqual([true, true, false, false]);
  });
});
