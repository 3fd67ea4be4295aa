import type { CancelTimer, Clock } from '../../core/clock.ts';
import { Emitter } from '../../core/emitter.ts';
import type { PlayerBar } from '../ui/screen-props.ts';
import type { Notice, ScreenFrame, ScreenSource } from '../ui/screen-source.ts';
import type { PlayerCommand, UiAction } from '../ui/ui-state.ts';
import { barMarks } from './bar-marks.ts';
import { isFailure } from './failures.ts';
import type { PlayedJournal } from './played-journal.ts';
import { speeds } from './speeds.ts';

/** Of the run, not of whoever looks at it. */
const scrubMs = 5_000;
/** No screen shows more frames a second. */
const shortestTickMs = 1_000 / 15;
/** Between two slices of preparing, frames and keys get their turn; a slice takes some 10 ms. */
const preparing = { everyMs: 5, events: 4_000 } as const;

export interface PlayerOptions {
  readonly journal: PlayedJournal;
  readonly clock: Clock;
  /** One of `speeds`. @default 1 */
  readonly speed?: number;
  /** mono_ms to begin at. @default 0 */
  readonly fromMs?: number;
  /** @default false */
  readonly paused?: boolean;
}

/**
 * Plays a journal: says which instant of it is shown now. At the end it stops. Whoever steps, or jumps to a failure,
 * wants to look at it, so both pause; who plays on from the end begins again.
 */
export class Player implements ScreenSource {
  readonly #journal: PlayedJournal;
  readonly #clock: Clock;
  readonly #changed = new Emitter<undefined>();
  readonly #marks: PlayerBar['marks'];
  /** How many events have happened once each failure has: ascending. */
  readonly #failures: readonly number[];
  #speed: number;
  /** While playing: at `#anchor.clockMs` the instant was `#anchor.positionMs`. */
  #anchor = { positionMs: 0, clockMs: 0 };
  #playing = false;
  /** Events shown; among those of one instant it tells which. */
  #count = 0;
  #cancelTick: CancelTimer | undefined;
  #cancelPreparing: CancelTimer | undefined;
  /** What was not to be done is told. */
  readonly #commands: Readonly<Record<PlayerCommand, () => string | undefined>> = {
    toggle: () => this.#toggle(),
    step: () => this.#showUpTo(this.#count + 1),
    'step-back': () => this.#showUpTo(this.#count - 1),
    faster: () => this.#playAt(speeds.find((speed) => speed > this.#speed)),
    slower: () => this.#playAt(speeds.findLast((speed) => speed < this.#speed)),
    forward: () => this.#moveTo(this.#anchor.positionMs + scrubMs),
    back: () => this.#moveTo(this.#anchor.positionMs - scrubMs),
    start: () => this.#moveTo(0),
    end: () => this.#moveTo(Number.POSITIVE_INFINITY),
    'next-failure': () => this.#jump(this.#failures.find((count) => count > this.#count), 'nothing fails after this'),
    'previous-failure': () => this.#jump(this.#failures.findLast((count) => count < this.#count), 'nothing failed before this'),
  };

  constructor({ journal, clock, speed = 1, fromMs = 0, paused = false }: PlayerOptions) {
    this.#journal = journal;
    this.#clock = clock;
    this.#speed = speed;
    this.#marks = barMarks(journal.events, journal.lengthMs, (count) => journal.timeOf(count));
    this.#failures = journal.events.flatMap((event, index) => (isFailure(event) ? [index + 1] : []));
    this.#moveTo(fromMs);
    if (!paused && !this.#atEnd) this.#play();
    this.#prepareLater();
  }

  /** Stops, and leaves no timer behind. */
  close(): void {
    this.#playing = false;
    this.#cancelTick?.();
    this.#cancelPreparing?.();
  }

  onChange(listener: () => void): () => void {
    return this.#changed.on(listener);
  }

  frame(): ScreenFrame {
    this.#settle();
    const { positionMs } = this.#anchor;
    const { events, lengthMs } = this.#journal;
    return {
      state: this.#journal.stateAfter(this.#count),
      nowMs: positionMs,
      choices: [],
      player: { positionMs, lengthMs, playing: this.#playing, speed: this.#speed, seq: events[this.#count - 1]?.seq ?? 0, events: events.length, marks: this.#marks },
    };
  }

  act(action: UiAction): Promise<Notice | undefined> | undefined {
    if (action.kind !== 'player') return undefined;
    this.#settle();
    const notice = this.#commands[action.command]();
    this.#tickLater();
    this.#changed.emit(undefined);
    return notice === undefined ? undefined : Promise.resolve({ tone: 'plain', text: notice });
  }

  get #atEnd(): boolean {
    return this.#count === this.#journal.events.length && this.#anchor.positionMs >= this.#journal.lengthMs;
  }

  #toggle(): undefined {
    if (this.#playing) {
      this.#playing = false;
      return;
    }
    if (this.#atEnd) this.#moveTo(0);
    this.#play();
  }

  #playAt(speed: number | undefined): undefined {
    this.#speed = speed ?? this.#speed;
  }

  #play(): void {
    this.#playing = true;
    this.#anchor = { ...this.#anchor, clockMs: this.#clock.monotonicMs() };
    this.#tickLater();
  }

  #jump(count: number | undefined, otherwise: string): string | undefined {
    return count === undefined ? otherwise : this.#showUpTo(count);
  }

  /** One event more or less than the others of its instant may be wanted: what is shown then stands still. */
  #showUpTo(count: number): undefined {
    this.#playing = false;
    this.#count = Math.max(0, Math.min(count, this.#journal.events.length));
    this.#anchor = { positionMs: this.#journal.timeOf(this.#count), clockMs: this.#clock.monotonicMs() };
  }

  #moveTo(positionMs: number): undefined {
    this.#anchor = { positionMs: Math.max(0, Math.min(positionMs, this.#journal.lengthMs)), clockMs: this.#clock.monotonicMs() };
    this.#count = this.#journal.countAt(this.#anchor.positionMs);
    if (this.#atEnd) this.#playing = false;
  }

  /** Takes in how far the time has moved on. */
  #settle(): void {
    const clockMs = this.#clock.monotonicMs();
    const { positionMs } = this.#anchor;
    if (this.#playing) this.#moveTo(positionMs + (clockMs - this.#anchor.clockMs) * this.#speed);
  }

  /** When the next event is due, and at least once a second of the run, for the clocks that are shown. */
  #tickLater(): void {
    this.#cancelTick?.();
    if (!this.#playing) return;
    const { positionMs } = this.#anchor;
    const nextMs = this.#count < this.#journal.events.length ? this.#journal.timeOf(this.#count + 1) : this.#journal.lengthMs;
    const waitMs = Math.min(nextMs - positionMs, 1_000) / this.#speed;
    this.#cancelTick = this.#clock.setTimer(Math.max(waitMs, shortestTickMs), () => {
      this.#settle();
      this.#tickLater();
      this.#changed.emit(undefined);
    });
  }

  #prepareLater(): void {
    this.#cancelPreparing = this.#clock.setTimer(preparing.everyMs, () => {
      try {
        if (this.#journal.prepare(preparing.events)) this.#prepareLater();
      } catch {
        // An event that cannot be folded is told of by the frame that comes to it, and by none before.
      }
    });
  }
}
