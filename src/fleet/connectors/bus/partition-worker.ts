import type { KafkaMessage } from 'kafkajs';
import type { Clock } from '../../../core/clock.ts';
import type { Rng } from '../../../core/rng.ts';
import { backoffDelayMs, type BackoffSettings, type Bulkhead } from '../../../reliability/index.ts';

export interface PartitionWorkerOptions {
  readonly partition: number;
  readonly clock: Clock;
  readonly rng: Rng;
  /** Shared by the partitions of a subscription: its `concurrency`. */
  readonly slots: Bulkhead;
  readonly redelivery: BackoffSettings;
  /** Rejecting = not handled: it is delivered again. */
  deliver(message: KafkaMessage, signal: AbortSignal): Promise<void>;
  /** Everything below `next` has been handled. Must not reject. */
  commit(next: bigint): Promise<void>;
  onRejected(message: KafkaMessage, error: unknown, delayMs: number): void;
}

/** A commit costs a round trip: short work is committed together, long work at once. */
const commitIntervalMs = 200;

/**
 * Works through the messages of one partition, one after the other, whatever the consumer that fetches
 * them does meanwhile: it may be rebalancing, or be replaced, while a message is being handled.
 */
export class PartitionWorker {
  readonly partition: number;
  /** One past the last message handled; undefined before the first. */
  next: bigint | undefined;
  /** One past the newest message known to be in the partition. */
  end = 0n;
  readonly #options: PartitionWorkerOptions;
  readonly #lost = new AbortController();
  #queue: KafkaMessage[] = [];
  #running: Promise<void> | undefined;
  #committed: bigint | undefined;
  #committedAtMs: number;

  constructor(options: PartitionWorkerOptions) {
    this.#options = options;
    this.partition = options.partition;
    this.#committedAtMs = options.clock.monotonicMs();
  }

  get busy(): boolean {
    return this.#running !== undefined;
  }

  /** Handled, but the commit has failed or not been tried yet. */
  get uncommitted(): boolean {
    return this.next !== this.#committed;
  }

  get lag(): number {
    const first = this.#queue[0]?.offset ?? this.next;
    return first === undefined ? 0 : Number(BigInt(first) < this.end ? this.end - BigInt(first) : 0n);
  }

  /** Adds fetched messages; resolves when nothing is left to do. */
  take(messages: readonly KafkaMessage[], end: bigint): Promise<void> {
    this.end = end;
    if (this.#lost.signal.aborted) return Promise.resolve();
    this.#queue.push(...messages);
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Resolves when the message under way is done; at once where none is. */
  async idle(): Promise<void> {
    await this.#running;
  }

  /** Drops what has not been begun; it will be fetched again by whoever has the partition. */
  forgetQueue(): void {
    this.#queue = [];
  }

  /** The partition is somebody else's now, or work has to stop: aborts the message under way. */
  lose(reason: Error): void {
    this.forgetQueue();
    this.#lost.abort(reason);
  }

  markCommitted(next: bigint): void {
    this.#committed = next;
    this.#committedAtMs = this.#options.clock.monotonicMs();
  }

  async #run(): Promise<void> {
    let rejections = 0;
    for (let message = this.#queue[0]; message !== undefined; message = this.#queue[0]) {
      const handled = await this.#deliver(message, rejections);
      if (this.#lost.signal.aborted) return;
      rejections = handled ? 0 : rejections + 1;
      if (handled) await this.#advance(message);
    }
  }

  async #advance(message: KafkaMessage): Promise<void> {
    // The queue may have been dropped meanwhile, for these messages to be fetched again.
    if (this.#queue[0] === message) this.#queue.shift();
    this.next = BigInt(message.offset) + 1n;
    const sinceMs = this.#options.clock.monotonicMs() - this.#committedAtMs;
    if (this.#queue.length === 0 || sinceMs >= commitIntervalMs) await this.#options.commit(this.next);
  }

  /** Whether the message has been handled; where it has not, the wait before its next delivery is over. */
  async #deliver(message: KafkaMessage, rejections: number): Promise<boolean> {
    const { clock, rng, redelivery } = this.#options;
    const { signal } = this.#lost;
    let rejected: { readonly error: unknown } | undefined;
    await this.#inSlot(() => this.#options.deliver(message, signal)).catch((error: unknown) => {
      rejected = { error };
    });
    if (rejected === undefined || signal.aborted) return !signal.aborted;
    const delayMs = backoffDelayMs(redelivery, rejections + 1, 0, rng);
    this.#options.onRejected(message, rejected.error, delayMs);
    // Ends early, by rejecting, when the partition is lost: the caller looks at that.
    await clock.sleep(delayMs, signal).catch(() => undefined);
    return false;
  }

  async #inSlot(work: () => Promise<void>): Promise<void> {
    const { slots } = this.#options;
    const granted = Promise.withResolvers<void>();
    const place = slots.acquire({ granted: () => granted.resolve() });
    if (place === 'full') throw slots.refusal();
    if (place === 'queued') await granted.promise;
    try {
      if (!this.#lost.signal.aborted) await work();
    } finally {
      slots.release();
    }
  }
}
