import type { Consumer, EachBatchPayload, KafkaMessage } from 'kafkajs';
import { raceAbort } from '../../../core/abort.ts';
import type { Clock } from '../../../core/clock.ts';
import type { Rng } from '../../../core/rng.ts';
import { Bulkhead, type BackoffSettings } from '../../../reliability/index.ts';
import type { Logger } from '../../agents/services.ts';
import { ConnectorError } from '../../error-codes.ts';
import type { KafkaAdmin } from './kafka-admin.ts';
import { CORRELATION_HEADER } from './incoming.ts';
import { bounded } from './kafka-client.ts';
import { PartitionWorker } from './partition-worker.ts';

export interface PartitionSetOptions {
  readonly admin: KafkaAdmin;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
  readonly topic: string;
  readonly group: string;
  /** Partitions worked on at once. */
  readonly concurrency: number;
  readonly deliver: (message: KafkaMessage, partition: number, signal: AbortSignal) => Promise<void>;
  /** A commit failed: Kafka may be gone. */
  readonly onTrouble: () => void;
}

const redeliveryBackoff: BackoffSettings = Object.freeze({ strategy: 'exponential', baseDelayMs: 100, maxDelayMs: 10_000, multiplier: 2, jitter: 'equal', jitterRange: 0 });

/** Work that takes longer goes on beside the fetch loop, which then neither misses a heartbeat nor keeps other partitions waiting. */
const graceMs = 50;
const commitTimeoutMs = 5_000;
const drainTimeoutMs = 10_000;
const maxWaiting = 100_000;

/**
 * The partitions that a subscription has, and the work on each: kept through rebalances and through the
 * replacement of the consumer, as long as the group leaves the partition here.
 */
export class PartitionSet {
  readonly #options: PartitionSetOptions;
  readonly #slots: Bulkhead;
  readonly #workers = new Map<number, PartitionWorker>();
  /** The consumer that has joined the group; undefined while there is none. */
  #consumer: Consumer | undefined;
  #assigned: ReadonlySet<number> = new Set();
  #stopped = false;

  constructor(options: PartitionSetOptions) {
    this.#options = options;
    this.#slots = new Bulkhead(options.group, { maxConcurrent: options.concurrency, maxQueued: maxWaiting });
  }

  get lag(): number {
    return [...this.#workers.values()].reduce((sum, worker) => sum + worker.lag, 0);
  }

  /** The assignment of a new generation: workers of partitions that stay go on, the others stop. */
  join(consumer: Consumer, partitions: readonly number[]): void {
    const { topic, group } = this.#options;
    this.#consumer = consumer;
    this.#assigned = new Set(partitions);
    for (const [partition, worker] of this.#workers) {
      if (!this.#assigned.has(partition)) {
        worker.lose(new ConnectorError('KAFKA_PARTITION_LOST', `partition ${partition} of ${topic} went to another member of ${group}`));
        this.#workers.delete(partition);
        // kafkajs would remember the pause until the partition comes back.
        consumer.resume([{ topic, partitions: [partition] }]);
      } else if (worker.busy || worker.uncommitted) {
        worker.forgetQueue();
        this.#pause(partition);
        void worker.idle().then(() => this.#catchUp(consumer, worker));
      }
    }
  }

  /** The consumer is gone; work goes on until a later `join` says that its partition is somebody else's. */
  leave(): void {
    this.#consumer = undefined;
  }

  /** Takes a fetched batch in; resolves when it is done, or is known to take longer. */
  async take(consumer: Consumer, payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    if (this.#consumer !== consumer || this.#stopped || !this.#assigned.has(batch.partition)) return;
    const worker = this.#worker(batch.partition);
    const drained = worker.take(batch.messages, BigInt(batch.highWatermark));
    const inTime = await bounded(this.#options.clock, drained.then(() => true), graceMs, 'handling').catch(() => false);
    if (inTime) {
      // Not where the worker has lost the partition, or its queue, meanwhile: then it is fetched again.
      if (worker.next !== undefined && worker.next > BigInt(batch.lastOffset())) payload.resolveOffset(batch.lastOffset());
      return;
    }
    payload.pause();
    void drained.then(() => this.#resume(consumer, worker));
  }

  /** Brings the ends of partitions up to date whose fetching is paused; the others tell theirs with each fetch. */
  async refreshEnds(signal: AbortSignal): Promise<void> {
    const busy = [...this.#workers.values()].filter((worker) => worker.busy);
    if (busy.length === 0) return;
    const ends = await this.#options.admin.endOffsets(this.#options.topic, signal);
    for (const worker of busy) worker.end = ends.get(worker.partition) ?? worker.end;
  }

  /** Lets what is under way end, commits it, and takes nothing more. Work that outlasts `signal`, or 10 s, is aborted. */
  async drain(signal: AbortSignal | undefined): Promise<void> {
    this.#stopped = true;
    const workers = [...this.#workers.values()];
    for (const worker of workers) {
      worker.forgetQueue();
      this.#pause(worker.partition);
    }
    try {
      await raceAbort(bounded(this.#options.clock, Promise.all(workers.map((worker) => worker.idle())), drainTimeoutMs, 'draining'), signal);
    } catch (error) {
      // Out of time: what is under way is stopped, and comes again to whoever gets the partition.
      for (const worker of workers) worker.lose(new ConnectorError('KAFKA_PARTITION_LOST', `the subscription of ${this.#options.group} has been stopped`, { cause: error }));
    }
    await Promise.all(workers.map(async (worker) => (worker.uncommitted && worker.next !== undefined ? this.#commit(worker, worker.next) : undefined)));
  }

  #worker(partition: number): PartitionWorker {
    const known = this.#workers.get(partition);
    if (known !== undefined) return known;
    const { clock, rng, logger, topic, group } = this.#options;
    const worker: PartitionWorker = new PartitionWorker({
      partition,
      clock,
      rng,
      slots: this.#slots,
      redelivery: redeliveryBackoff,
      deliver: (message, signal) => this.#options.deliver(message, partition, signal),
      commit: (next) => this.#commit(worker, next),
      onRejected: ({ offset, headers }, error, delayMs) =>
        logger.warn('a message was not handled and comes again', { topic, group, partition, offset, correlation_id: headers?.[CORRELATION_HEADER]?.toString(), delay_ms: Math.round(delayMs), error }),
    });
    this.#workers.set(partition, worker);
    return worker;
  }

  async #commit(worker: PartitionWorker, next: bigint): Promise<void> {
    const { clock, logger, topic, group } = this.#options;
    const consumer = this.#consumer;
    if (consumer === undefined) return;
    try {
      await bounded(clock, consumer.commitOffsets([{ topic, partition: worker.partition, offset: String(next) }]), commitTimeoutMs, 'committing');
      // kafkajs resolves without having committed anything where its consumer is not running.
      if (this.#consumer === consumer) worker.markCommitted(next);
    } catch (error) {
      logger.info('a commit failed; the messages may come again', { topic, group, partition: worker.partition, error });
      this.#options.onTrouble();
    }
  }

  /**
   * After a rebalance kafkajs goes on at the committed offset, before what was under way. Says that it
   * is done, unless somebody else had the partition in between and is further: a commit of ours would
   * turn the group back then.
   */
  async #catchUp(consumer: Consumer, worker: PartitionWorker): Promise<void> {
    const { admin, clock, group, topic, logger } = this.#options;
    const { next, partition } = worker;
    if (next === undefined || this.#consumer !== consumer || this.#workers.get(partition) !== worker) return this.#resumeFetching(consumer, worker);
    const controller = new AbortController();
    const cancelTimer = clock.setTimer(commitTimeoutMs, () => controller.abort(new Error('the committed offset was not told in time')));
    try {
      const committed = await admin.committedOffset(group, topic, partition, controller.signal);
      if (committed === undefined || committed < next) {
        await this.#commit(worker, next);
        return this.#resume(consumer, worker);
      }
      worker.markCommitted(next);
    } catch (error) {
      logger.info('messages may come again after a rebalance', { topic, group, partition, error });
    } finally {
      cancelTimer();
    }
    this.#resumeFetching(consumer, worker);
  }

  /** Goes on fetching after what the worker has handled. */
  #resume(consumer: Consumer, worker: PartitionWorker): void {
    const { topic } = this.#options;
    if (this.#consumer !== consumer || this.#stopped || this.#workers.get(worker.partition) !== worker || worker.busy) return;
    this.#whileRunning(() => {
      if (worker.next !== undefined) consumer.seek({ topic, partition: worker.partition, offset: String(worker.next) });
    });
    this.#resumeFetching(consumer, worker);
  }

  #resumeFetching(consumer: Consumer, worker: PartitionWorker): void {
    if (this.#consumer !== consumer || this.#stopped) return;
    this.#whileRunning(() => consumer.resume([{ topic: this.#options.topic, partitions: [worker.partition] }]));
  }

  #pause(partition: number): void {
    this.#whileRunning(() => this.#consumer?.pause([{ topic: this.#options.topic, partitions: [partition] }]));
  }

  /** kafkajs throws on a consumer that is not running; its successor starts with nothing paused. */
  #whileRunning(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#options.logger.debug('the consumer is not running', { group: this.#options.group, error });
    }
  }
}
