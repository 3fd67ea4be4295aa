import type { CancelTimer, Clock } from '../../core/clock.ts';

export interface Expirable {
  /** Called once, at or after the time asked for, unless the ticket was cancelled. */
  expire(): void;
}

/** Handle of one pending timeout. */
export interface TimeoutTicket {
  /** Takes it out; calling it again, or after it expired, does nothing. */
  cancel(): void;
}

const queues = new WeakMap<Clock, TimeoutQueue>();

/** The queue that everything on `clock` shares. */
export function timeoutQueueOf(clock: Clock): TimeoutQueue {
  let queue = queues.get(clock);
  if (queue === undefined) {
    queue = new TimeoutQueue(clock);
    queues.set(clock, queue);
  }
  return queue;
}

/**
 * Many timeouts, few timers. Timeouts of one duration end in the order they began, so each duration
 * is a linked list with one timer for its head: adding and cancelling touch no timer at all. (A
 * setTimeout and clearTimeout for each call would cost more than everything else in the call.)
 */
export class TimeoutQueue {
  readonly #clock: Clock;
  readonly #lists = new Map<number, TimeoutList>();
  readonly #emptied: TimeoutList[] = [];
  #sweepPlanned = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param nowMs `clock.monotonicMs()`, which the caller has at hand */
  add(nowMs: number, timeoutMs: number, owner: Expirable): TimeoutTicket {
    // Whole milliseconds, as timers have: deadlines of many jobs then share lists.
    const durationMs = Math.ceil(timeoutMs);
    let list = this.#lists.get(durationMs);
    if (list === undefined) {
      list = new TimeoutList(this.#clock, durationMs, this);
      this.#lists.set(durationMs, list);
    }
    return list.append(nowMs + durationMs, owner);
  }

  /**
   * Disarms a list that has run empty, one turn of the event loop later: a sequence of short calls
   * empties it after each call, and would otherwise set and clear a timer each time.
   */
  ranEmpty(list: TimeoutList): void {
    this.#emptied.push(list);
    if (this.#sweepPlanned) return;
    this.#sweepPlanned = true;
    setImmediate(() => {
      this.#sweepPlanned = false;
      for (const emptied of this.#emptied.splice(0)) {
        if (emptied.disarmIfEmpty() && this.#lists.get(emptied.durationMs) === emptied) this.#lists.delete(emptied.durationMs);
      }
    });
  }
}

class Entry implements TimeoutTicket {
  readonly expiresAtMs: number;
  owner: Expirable | undefined;
  readonly #list: TimeoutList;
  previous: Entry | undefined;
  next: Entry | undefined;

  constructor(list: TimeoutList, expiresAtMs: number, owner: Expirable, previous: Entry | undefined) {
    this.#list = list;
    this.expiresAtMs = expiresAtMs;
    this.owner = owner;
    this.previous = previous;
    this.next = undefined;
  }

  cancel(): void {
    if (this.owner === undefined) return;
    this.owner = undefined;
    this.#list.remove(this);
  }
}

class TimeoutList {
  readonly durationMs: number;
  readonly #clock: Clock;
  readonly #queue: TimeoutQueue;
  #head: Entry | undefined;
  #tail: Entry | undefined;
  #cancelTimer: CancelTimer | undefined;
  #reportedEmpty = false;

  constructor(clock: Clock, durationMs: number, queue: TimeoutQueue) {
    this.#clock = clock;
    this.durationMs = durationMs;
    this.#queue = queue;
  }

  append(expiresAtMs: number, owner: Expirable): Entry {
    const entry = new Entry(this, expiresAtMs, owner, this.#tail);
    if (this.#tail === undefined) this.#head = entry;
    else this.#tail.next = entry;
    this.#tail = entry;
    if (this.#cancelTimer === undefined) this.#arm(this.durationMs);
    return entry;
  }

  remove(entry: Entry): void {
    if (entry.previous === undefined) this.#head = entry.next;
    else entry.previous.next = entry.next;
    if (entry.next === undefined) this.#tail = entry.previous;
    else entry.next.previous = entry.previous;
    if (this.#head === undefined && !this.#reportedEmpty) {
      this.#reportedEmpty = true;
      this.#queue.ranEmpty(this);
    }
  }

  /** True where nothing came in since it ran empty. */
  disarmIfEmpty(): boolean {
    this.#reportedEmpty = false;
    if (this.#head !== undefined) return false;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    return true;
  }

  #arm(delayMs: number): void {
    this.#cancelTimer = this.#clock.setTimer(Math.max(1, Math.ceil(delayMs)), () => this.#expireDue());
  }

  #expireDue(): void {
    this.#cancelTimer = undefined;
    const nowMs = this.#clock.monotonicMs();
    for (let head = this.#head; head !== undefined && head.expiresAtMs <= nowMs; head = this.#head) {
      const { owner } = head;
      head.cancel();
      owner?.expire();
    }
    if (this.#head !== undefined && this.#cancelTimer === undefined) this.#arm(this.#head.expiresAtMs - nowMs);
  }
}
