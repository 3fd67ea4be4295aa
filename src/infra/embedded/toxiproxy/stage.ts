import type { CancelTimer, Clock } from '../../../core/clock.ts';
import type { Rng } from '../../../core/rng.ts';
import type { InstalledToxic } from './installed-toxic.ts';
import type { AnyToxic } from './toxics/index.ts';
import { noop } from './toxics/noop.ts';
import { TIMED_OUT, type Chunk, type End, type Pipe, type Suspension, type ToxicIo, type Wake } from './toxics/define-toxic.ts';

/** Takes chunks in order; a polite sender asks `full` first and goes on when told `roomAvailable`. */
export interface Receiver {
  readonly full: boolean;
  receive(chunk: Chunk): void;
  finish(end: End): void;
}

export interface Sender {
  roomAvailable(): void;
}

export interface StageOptions {
  readonly installed: InstalledToxic;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly sender: Sender;
  readonly next: Receiver;
  /** Toxiproxy cuts also the connections that the draw had spared when such a toxic is removed. */
  readonly cutSparedWhenRemoved: boolean;
}

/**
 * One toxic on one direction of one connection: runs its pipe, holds what the pipe cannot take yet
 * and what the next receiver cannot take yet. Nothing it was given is dropped by an interruption.
 */
export class Stage implements Receiver, Sender {
  readonly installed: InstalledToxic;
  sender: Sender;
  next: Receiver;
  readonly #clock: Clock;
  readonly #rng: Rng;
  readonly #state: unknown;
  readonly #cutSparedWhenRemoved: boolean;
  readonly #capacity: number;

  readonly #queue: Chunk[] = [];
  readonly #outbox: Chunk[] = [];
  #inputEnd: End | undefined;
  #outputEnd: End | undefined;
  #finished = false;
  #committed = false;
  #dead = false;
  #onDrained: (() => void) | undefined;

  #pipe: Pipe | undefined;
  #suspension: Suspension | undefined;
  #timerFired = false;
  #cancelTimer: CancelTimer | undefined;
  #affecting = false;
  #counted = false;
  #advancing = false;
  #pumping = false;

  constructor(options: StageOptions) {
    this.installed = options.installed;
    this.sender = options.sender;
    this.next = options.next;
    this.#clock = options.clock;
    this.#rng = options.rng;
    this.#cutSparedWhenRemoved = options.cutSparedWhenRemoved;
    this.#capacity = options.installed.toxic.bufferedChunks ?? 1;
    this.#state = options.installed.toxic.newState?.();
  }

  get full(): boolean {
    if (this.#outputEnd !== undefined || this.#dead) return false;
    return this.#onDrained === undefined ? this.#queue.length >= this.#capacity : this.#outbox.length > 0;
  }

  receive(chunk: Chunk): void {
    // After a cut the rest is swallowed, so that the sender's own end is still noticed.
    if (this.#outputEnd !== undefined || this.#dead) return;
    if (this.#onDrained !== undefined) {
      this.#outbox.push(chunk);
      this.#pump();
      return;
    }
    this.#queue.push(chunk);
    this.#advance();
  }

  finish(end: End): void {
    this.#inputEnd = end;
    if (this.#onDrained !== undefined) this.#passEnd(end);
    else this.#advance();
  }

  roomAvailable(): void {
    this.#pump();
    this.#advance();
  }

  /** Starts the pipe, or starts it anew with the toxic's present attributes; each start draws the toxicity. */
  start(): void {
    this.interrupt();
    if (this.#committed || this.#outputEnd !== undefined || this.#onDrained !== undefined || this.#dead) return;
    this.#affecting = this.#rng.next() < this.installed.toxicity;
    const toxic: AnyToxic = this.#affecting ? this.installed.toxic : noop;
    this.#pipe = toxic.pipe(this.#makeIo());
    this.#resume(undefined);
    this.roomAvailable();
  }

  /** Stops the pipe where it waits; what it holds goes on to the next receiver at once. */
  interrupt(): void {
    if (this.#committed) return;
    const pipe = this.#pipe;
    this.#pipe = undefined;
    this.#dropSuspension();
    pipe?.return();
  }

  /** Ends the stage's work; `onDrained` is called once everything it held has been passed on. */
  retire(onDrained: () => void): void {
    this.interrupt();
    if (this.#committed || this.#outputEnd !== undefined || this.#dead) return;
    if (this.installed.toxic.cutsWhenRemoved === true && (this.#affecting || this.#cutSparedWhenRemoved)) {
      this.#passEnd('close');
      return;
    }
    this.#onDrained = onDrained;
    this.#outbox.push(...this.#queue.splice(0));
    this.#pump();
    if (this.#inputEnd !== undefined) this.#passEnd(this.#inputEnd);
    if (!this.full) this.sender.roomAvailable();
  }

  /** The connection is gone: stops the timer and drops everything. */
  destroy(): void {
    this.#dead = true;
    this.#committed = false;
    this.interrupt();
    this.#queue.length = 0;
    this.#outbox.length = 0;
  }

  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    while (this.#outbox.length > 0 && !this.next.full) this.next.receive(this.#outbox.shift() as Chunk);
    this.#pumping = false;
    if (this.#outbox.length > 0) return;
    if (this.#outputEnd !== undefined && !this.#finished) {
      this.#finished = true;
      this.next.finish(this.#outputEnd);
    } else if (this.#onDrained !== undefined) {
      this.#onDrained();
    }
  }

  #passEnd(end: End): void {
    if (this.#outputEnd !== undefined) return;
    this.#outputEnd = end;
    this.#queue.length = 0;
    this.#pump();
  }

  /** Feeds the pipe for as long as what it waits for is there. */
  #advance(): void {
    if (this.#advancing) return;
    this.#advancing = true;
    while (this.#pipe !== undefined && this.#suspension !== undefined && this.#outbox.length === 0) {
      if (this.#suspension.on === 'wait') {
        if (!this.#timerFired) break;
        this.#resume(undefined);
      } else if (this.#queue.length > 0) {
        this.#resume(this.#take());
      } else if (this.#inputEnd !== undefined) {
        this.#resume(undefined);
      } else if (this.#timerFired) {
        this.#resume(TIMED_OUT);
      } else {
        break;
      }
    }
    this.#advancing = false;
  }

  #take(): Chunk {
    const wasFull = this.#queue.length >= this.#capacity;
    const chunk = this.#queue.shift() as Chunk;
    if (this.#affecting) this.installed.countBytes(chunk.data.length);
    if (wasFull) this.sender.roomAvailable();
    return chunk;
  }

  #resume(wake: Wake): void {
    if (this.#affecting && !this.#counted && this.#suspension !== undefined) {
      this.#counted = true;
      this.installed.countConnection();
    }
    this.#dropSuspension();
    const step = this.#pipe?.next(wake);
    if (step === undefined || step.done === true) {
      this.#pipe = undefined;
      return;
    }
    this.#suspension = step.value;
    const delayMs = step.value.on === 'wait' ? step.value.delayMs : step.value.timeoutMs;
    if (delayMs !== undefined && delayMs !== Number.POSITIVE_INFINITY) this.#arm(this.#clock.monotonicMs() + delayMs);
  }

  /** A timer may fire a fraction early (its loop reads the time once a turn); then it is set again. */
  #arm(dueMs: number): void {
    this.#cancelTimer = this.#clock.setTimer(dueMs - this.#clock.monotonicMs(), () => {
      if (this.#clock.monotonicMs() < dueMs) return this.#arm(dueMs);
      this.#timerFired = true;
      this.#advance();
    });
  }

  #dropSuspension(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#suspension = undefined;
    this.#timerFired = false;
  }

  #makeIo(): ToxicIo<Record<string, number>, unknown> {
    return {
      attributes: this.installed.attributes,
      state: this.#state,
      rng: this.#rng,
      monotonicMs: () => this.#clock.monotonicMs(),
      read: function* () {
        return (yield READ) as Chunk | undefined;
      },
      readWithin: function* (timeoutMs) {
        return yield { on: 'read', timeoutMs };
      },
      wait: function* (delayMs) {
        yield { on: 'wait', delayMs };
      },
      emit: (chunk) => {
        if (this.#dead) return;
        this.#outbox.push(chunk);
        this.#pump();
      },
      end: () => this.#passEnd(this.#inputEnd ?? 'close'),
      cut: (how) => this.#passEnd(how),
      commit: () => {
        this.#committed = true;
      },
    };
  }
}

const READ: Suspension = { on: 'read' };
