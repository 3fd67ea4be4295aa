import type { JournalEvent, JournalFact } from '../../src/journal/events.ts';

/** Facts as a journal would hold them, `everyMs` apart; `[atMs, fact]` says when. */
export function journalOf(facts: readonly (JournalFact | readonly [number, JournalFact])[], everyMs = 10): JournalEvent[] {
  let atMs = 0;
  return facts.map((entry, index) => {
    const fact = Array.isArray(entry) ? (entry[1] as JournalFact) : (entry as JournalFact);
    atMs = Array.isArray(entry) ? (entry[0] as number) : atMs + everyMs;
    return { ...fact, v: 1, seq: index + 1, at: new Date(atMs).toISOString(), mono_ms: atMs, run_id: 'r-1' };
  });
}
