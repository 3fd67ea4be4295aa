import type { JournalEvent } from '../../journal/events.ts';
import { applyEvent } from '../model/apply-event.ts';
import { newScreenState } from '../model/new-state.ts';
import type { ScreenState } from '../model/screen-state.ts';
import { copyState } from './copy-state.ts';

/** Never more copies than this, however long the run: each costs memory for every job there was. */
const copiesKept = 20;
/** So many events are folded faster than a state is copied. */
const fewEvents = 2_000;

/**
 * The states of a recorded run, each a fold of its first `count` events. Forward the fold goes on; back, or far
 * ahead, it begins at the nearest copy that `prepare` has made.
 */
export class PlayedJournal {
  readonly #events: readonly JournalEvent[];
  /** When each event happened; never falls, whatever a file that was changed by hand says. */
  readonly #timesMs: Float64Array;
  readonly #spacing: number;
  /** By number: the one of `#spacing` × number events. */
  readonly #copies: ScreenState[] = [newScreenState()];
  #shown = { count: 0, state: newScreenState() };
  /** Goes through the whole run once, for the copies. */
  #ahead = { count: 0, state: newScreenState() };

  /** @param leastSpacing events from one copy to the next, at least */
  constructor(events: readonly JournalEvent[], leastSpacing = fewEvents) {
    this.#events = events;
    this.#spacing = Math.max(leastSpacing, Math.ceil(events.length / copiesKept));
    this.#timesMs = new Float64Array(events.length);
    let latestMs = 0;
    for (const [index, { mono_ms: atMs }] of events.entries()) {
      if (atMs > latestMs) latestMs = atMs;
      this.#timesMs[index] = latestMs;
    }
  }

  get events(): readonly JournalEvent[] {
    return this.#events;
  }

  /** mono_ms of the last event. */
  get lengthMs(): number {
    return this.timeOf(this.#events.length);
  }

  /** mono_ms of the last of the first `count` events; 0 where there is none. */
  timeOf(count: number): number {
    return this.#timesMs[count - 1] ?? 0;
  }

  /** How many events had happened at `atMs`, those of that very instant among them. */
  countAt(atMs: number): number {
    let low = 0;
    let high = this.#timesMs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#timesMs[middle] as number) <= atMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** After the first `count` events. Changed, or left behind, by the next call. */
  stateAfter(count: number): ScreenState {
    const wanted = Math.max(0, Math.min(count, this.#events.length));
    const nearest = Math.min(Math.floor(wanted / this.#spacing), this.#copies.length - 1);
    const kept = nearest * this.#spacing;
    if (wanted < this.#shown.count || kept > this.#shown.count) this.#shown = { count: kept, state: copyState(this.#copies[nearest] as ScreenState) };
    this.#fold(this.#shown, wanted);
    return this.#shown.state;
  }

  stateAt(atMs: number): ScreenState {
    return this.stateAfter(this.countAt(atMs));
  }

  /**
   * Makes the copies by which any instant is near, going on over `events` more events. Without it every state is
   * right all the same, and going back takes as long as folding from the beginning.
   * @returns whether there is more to do
   */
  prepare(events = Number.POSITIVE_INFINITY): boolean {
    const last = Math.floor(this.#events.length / this.#spacing) * this.#spacing;
    const end = Math.min(last, this.#ahead.count + events);
    while (this.#ahead.count < end) {
      const next = this.#copies.length * this.#spacing;
      this.#fold(this.#ahead, Math.min(next, end));
      if (this.#ahead.count === next) this.#copies.push(copyState(this.#ahead.state));
    }
    if (end < last) return true;
    // Everything of it is in the copies.
    this.#ahead = { count: last, state: newScreenState() };
    return false;
  }

  #fold(fold: { count: number; readonly state: ScreenState }, end: number): void {
    for (; fold.count < end; fold.count++) applyEvent(fold.state, this.#events[fold.count] as JournalEvent);
  }
}
