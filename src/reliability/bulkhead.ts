import { Problems } from '../core/problems.ts';
import { BulkheadFullError, ReliabilityConfigError, stackless } from './errors.ts';

export interface BulkheadConfig {
  /** Calls in flight at a time. */
  readonly maxConcurrent: number;
  /** Calls that may wait for a slot; 0 = refuse at once. */
  readonly maxQueued: number;
}

/** One that waits for a slot. */
export interface Waiter {
  /** The slot is the waiter's own now: nobody who comes in between can take it. */
  granted(): void;
}

/** Bounds the calls in flight to one dependency. A freed slot is handed to the longest waiting directly. */
export class Bulkhead {
  readonly key: string;
  readonly config: BulkheadConfig;
  #inFlight = 0;
  /** Insertion order is queue order; a Set takes out a waiter that gives up in constant time. */
  readonly #queue = new Set<Waiter>();
  /** Slots given back and not yet handed on; still counted as in flight, so that no newcomer takes them. */
  #freed = 0;
  #handingOver = false;

  /** @throws ReliabilityConfigError */
  constructor(key: string, config: BulkheadConfig) {
    const problems = new Problems();
    if (!Number.isInteger(config.maxConcurrent) || config.maxConcurrent < 1) problems.add('bulkhead.maxConcurrent', `is ${config.maxConcurrent}`, 'use a whole number from 1');
    if (!Number.isInteger(config.maxQueued) || config.maxQueued < 0) problems.add('bulkhead.maxQueued', `is ${config.maxQueued}`, 'use a whole number from 0');
    if (problems.any) throw new ReliabilityConfigError(problems.list);
    this.key = key;
    this.config = Object.freeze({ ...config });
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get queued(): number {
    return this.#queue.size;
  }

  /** A slot at once, a place in the queue (`granted` will be called), or neither. Whoever got a slot calls `release` once. */
  acquire(waiter: Waiter): 'slot' | 'queued' | 'full' {
    if (this.#inFlight < this.config.maxConcurrent) {
      this.#inFlight++;
      return 'slot';
    }
    if (this.#queue.size >= this.config.maxQueued) return 'full';
    this.#queue.add(waiter);
    return 'queued';
  }

  /** Gives up waiting. */
  leave(waiter: Waiter): void {
    this.#queue.delete(waiter);
  }

  release(): void {
    this.#freed++;
    // Not by recursion: a waiter that is refused or fails at once releases its slot right here, and the queue may be long.
    if (this.#handingOver) return;
    this.#handingOver = true;
    try {
      while (this.#freed > 0) {
        this.#freed--;
        this.#handOver();
      }
    } finally {
      this.#handingOver = false;
    }
  }

  /** The error for a caller who was refused. */
  refusal(): BulkheadFullError {
    return stackless(() => new BulkheadFullError(this.key, this.config.maxConcurrent, this.config.maxQueued));
  }

  #handOver(): void {
    const [waiter] = this.#queue;
    if (waiter === undefined) {
      this.#inFlight--;
      return;
    }
    this.#queue.delete(waiter);
    waiter.granted();
  }
}
