import type { Consumer, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs';
import { raceAbort } from '../../../core/abort.ts';
import type { CancelTimer, Clock } from '../../../core/clock.ts';
import { asError } from '../../../core/errors.ts';
import type { Rng } from '../../../core/rng.ts';
import { backoffDelayMs, Bulkhead, type BackoffSettings } from '../../../reliability/index.ts';
import type { Logger } from '../../agents/services.ts';
import { ConnectorError } from '../../error-codes.ts';
import type { ConsumerTuning } from './consumer-tuning.ts';
import type { KafkaAdmin } from './kafka-admin.ts';
import { bounded } from './kafka-client.ts';
import { toKafkaError } from './kafka-errors.ts';
import type { Subscription } from './message-bus.ts';
import { PartitionWorker } from './partition-worker.ts';

export interface GroupConsumerOptions {
  readonly kafka: Kafka;
  readonly admin: KafkaAdmin;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
  readonly topic: string;
  readonly group: string;
  readonly concurrency: number;
  readonly fromBeginning: boolean;
  readonly tuning: ConsumerTuning;
  deliver(message: KafkaMessage, partition: number, signal: AbortSignal): Promise<void>;
  /** Joined, after the start or a restart. */
  onJoined(): void;
  /** Crashed or hanging: Kafka may be gone. */
  onTrouble(): void;
}

const restartBackoff: BackoffSettings = Object.freeze({ strategy: 'exponential', baseDelayMs: 100, maxDelayMs: 5_000, multiplier: 2, jitter: 'equal', jitterRange: 0 });
const redeliveryBackoff: BackoffSettings = Object.freeze({ strategy: 'exponential', baseDelayMs: 100, maxDelayMs: 10_000, multiplier: 2, jitter: 'equal', jitterRange: 0 });

/** Work that takes longer goes on beside the fetch loop, which then neither misses a heartbeat nor keeps other partitions waiting. */
const graceMs = 50;
const disconnectTimeoutMs = 3_000;
const commitTimeoutMs = 5_000;
const drainTimeoutMs = 10_000;
const maxWaiting = 100_000;

/**
 * One subscription. It outlives the kafkajs consumers that fetch for it: those crash for good on errors
 * that they deem final, and hang for ever on connections that are silently gone, so each is watched by
 * its heartbeats and fetches, and replaced.
 */
export class GroupConsumer implements Subscription {
  readonly #options: GroupConsumerOptions;
  readonly #slots: Bulkhead;
  readonly #workers = new Map<number, PartitionWorker>();
  #consumer: Consumer | undefined;
  /** Partitions of ours; undefined while the group has not been joined. */
  #assigned: ReadonlySet<number> | undefined;
  #fetchedSinceJoin = false;
  #signOfLifeAtMs = 0;
  #rebalancing = false;
  #restarts = 0;
  #cancelRestart: CancelTimer = () => undefined;
  #stopping: Promise<void> | undefined;
  #joined = Promise.withResolvers<void>();
  #lastError: Error | undefined;

  constructor(options: GroupConsumerOptions) {
    this.#options = options;
    this.#slots = new Bulkhead(options.group, { maxConcurrent: options.concurrency, maxQueued: maxWaiting });
  }

  /** Resolves once the group has been joined. Rejects, and stops, where that takes longer than `joinTimeoutMs`. */
  async start(): Promise<void> {
    const { clock, group, topic, tuning } = this.#options;
    this.#launch();
    try {
      await bounded(clock, this.#joined.promise, tuning.joinTimeoutMs, 'joining the group');
    } catch (error) {
      await this.stop(AbortSignal.abort());
      throw toKafkaError(this.#lastError ?? error, `joining group ${group} for ${topic}`, clock);
    }
  }

  lag(): number | undefined {
    if (this.#assigned === undefined || !this.#fetchedSinceJoin) return undefined;
    return [...this.#workers.values()].reduce((sum, worker) => sum + worker.lag, 0);
  }

  /** Called at intervals: notices a consumer that gives no sign of life. */
  watchdog(): void {
    const { clock, logger, group, tuning } = this.#options;
    const consumer = this.#consumer;
    if (consumer === undefined || this.#stopping !== undefined) return;
    const silentMs = clock.monotonicMs() - this.#signOfLifeAtMs;
    const allowedMs = this.#rebalancing || this.#assigned === undefined ? Math.max(tuning.stallMs, tuning.rebalanceTimeoutMs + 2_000) : tuning.stallMs;
    if (silentMs <= allowedMs) return;
    logger.warn('a consumer hangs and is replaced', { group, silent_ms: Math.round(silentMs) });
    this.#replace(consumer, new Error(`no heartbeat and no fetch for ${Math.round(silentMs)} ms`));
  }

  /** Brings the ends of partitions up to date whose fetching is paused; the others tell theirs with each fetch. */
  async refreshLag(signal: AbortSignal): Promise<void> {
    const busy = [...this.#workers.values()].filter((worker) => worker.busy);
    if (busy.length === 0) return;
    const ends = await this.#options.admin.endOffsets(this.#options.topic, signal);
    for (const worker of busy) worker.end = ends.get(worker.partition) ?? worker.end;
  }

  stop(signal?: AbortSignal): Promise<void> {
    this.#stopping ??= this.#stop(signal);
    return this.#stopping;
  }

  async #stop(signal: AbortSignal | undefined): Promise<void> {
    const { clock, group } = this.#options;
    this.#cancelRestart();
    const workers = [...this.#workers.values()];
    for (const worker of workers) {
      worker.forgetQueue();
      this.#pause(worker.partition);
    }
    const drained = Promise.all(workers.map((worker) => worker.idle()));
    try {
      await raceAbort(bounded(clock, drained, drainTimeoutMs, 'draining'), signal);
    } catch (error) {
      // Out of time: what is under way is stopped, and comes again to whoever gets the partition.
      for (const worker of workers) worker.lose(new ConnectorError('KAFKA_PARTITION_LOST', `the subscription of ${group} has been stopped`, { cause: error }));
    }
    await Promise.all(workers.filter((worker) => worker.uncommitted && worker.next !== undefined).map((worker) => this.#commit(worker, worker.next as bigint)));
    const consumer = this.#consumer;
    this.#consumer = undefined;
    if (consumer !== undefined) await this.#disconnect(consumer);
    this.#workers.clear();
    this.#assigned = undefined;
  }

  #launch(): void {
    const { kafka, group, tuning } = this.#options;
    const consumer = kafka.consumer({
      groupId: group,
      sessionTimeout: tuning.sessionTimeoutMs,
      heartbeatInterval: tuning.heartbeatIntervalMs,
      rebalanceTimeout: tuning.rebalanceTimeoutMs,
      maxWaitTimeInMs: tuning.maxWaitMs,
      allowAutoTopicCreation: false,
      // Not for requests but for the membership protocol: joining again is its ordinary answer to a
      // rebalance that begins in the middle of a join. Restarting is the watchdog's.
      retry: { retries: 5, initialRetryTime: 50, maxRetryTime: 500, restartOnFailure: async () => false },
    });
    this.#consumer = consumer;
    this.#assigned = undefined;
    this.#fetchedSinceJoin = false;
    this.#rebalancing = false;
    this.#alive();
    const current = (listener: () => void) => () => {
      if (this.#consumer === consumer) listener();
    };
    const { events } = consumer;
    for (const event of [events.HEARTBEAT, events.CONNECT] as const) consumer.on(event, current(() => this.#alive()));
    consumer.on(events.FETCH, current(() => this.#fetched()));
    consumer.on(events.REBALANCING, current(() => this.#rebalance()));
    consumer.on(events.GROUP_JOIN, ({ payload }) => {
      if (this.#consumer === consumer) this.#onJoin(consumer, payload.memberAssignment[this.#options.topic] ?? []);
    });
    consumer.on(events.CRASH, ({ payload }) => this.#replace(consumer, payload.error));
    this.#run(consumer).catch((error: unknown) => this.#replace(consumer, asError(error)));
  }

  async #run(consumer: Consumer): Promise<void> {
    const { topic, fromBeginning } = this.#options;
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      // `concurrency` is kept by the workers' slots; here every partition may hand over what it has.
      partitionsConsumedConcurrently: 64,
      eachBatch: (payload) => this.#onBatch(consumer, payload),
    });
  }

  async #onBatch(consumer: Consumer, payload: EachBatchPayload): Promise<void> {
    const { clock } = this.#options;
    const { batch } = payload;
    this.#alive();
    if (this.#consumer !== consumer || this.#stopping !== undefined || this.#assigned?.has(batch.partition) !== true) return;
    const worker = this.#worker(batch.partition);
    const drained = worker.take(batch.messages, BigInt(batch.highWatermark));
    const inTime = await bounded(clock, drained.then(() => true), graceMs, 'handling').catch(() => false);
    this.#alive();
    if (inTime) {
      // Not where the worker has lost the partition, or its queue, meanwhile: then it is fetched again.
      if (worker.next !== undefined && worker.next > BigInt(batch.lastOffset())) payload.resolveOffset(batch.lastOffset());
      return;
    }
    payload.pause();
    void drained.then(() => this.#resume(consumer, worker));
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
      onRejected: ({ offset }, error, delayMs) => logger.warn('a message was not handled and comes again', { topic, group, partition, offset, delay_ms: Math.round(delayMs), error }),
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
      if (this.#consumer === consumer && this.#assigned !== undefined) worker.markCommitted(next);
    } catch (error) {
      logger.info('a commit failed; the messages may come again', { topic, group, partition: worker.partition, error });
      this.#options.onTrouble();
    }
  }

  /** The assignment of a new generation: workers of partitions that stay go on, the others stop. */
  #onJoin(consumer: Consumer, partitions: readonly number[]): void {
    const { topic, group } = this.#options;
    this.#alive();
    this.#rebalancing = false;
    this.#restarts = 0;
    this.#assigned = new Set(partitions);
    this.#fetchedSinceJoin = false;
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
    this.#options.onJoined();
    this.#joined.resolve();
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
    if (this.#consumer !== consumer || this.#stopping !== undefined || this.#workers.get(worker.partition) !== worker || worker.busy) return;
    this.#whileRunning(() => {
      if (worker.next !== undefined) consumer.seek({ topic, partition: worker.partition, offset: String(worker.next) });
    });
    this.#resumeFetching(consumer, worker);
  }

  #resumeFetching(consumer: Consumer, worker: PartitionWorker): void {
    if (this.#consumer !== consumer || this.#stopping !== undefined) return;
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

  #replace(consumer: Consumer, error: Error): void {
    if (this.#consumer !== consumer) return;
    const { clock, rng, logger, group, topic } = this.#options;
    this.#consumer = undefined;
    this.#assigned = undefined;
    this.#lastError = error;
    void this.#disconnect(consumer);
    if (this.#stopping !== undefined) return;
    this.#restarts += 1;
    const delayMs = backoffDelayMs(restartBackoff, this.#restarts, 0, rng);
    logger.warn('a consumer is restarted', { group, topic, restarts: this.#restarts, delay_ms: Math.round(delayMs), error });
    this.#options.onTrouble();
    this.#cancelRestart = clock.setTimer(delayMs, () => this.#launch());
  }

  async #disconnect(consumer: Consumer): Promise<void> {
    try {
      await bounded(this.#options.clock, consumer.disconnect(), disconnectTimeoutMs, 'disconnecting the consumer');
    } catch (error) {
      this.#options.logger.debug('a consumer was left behind', { group: this.#options.group, error });
    }
  }

  #fetched(): void {
    this.#alive();
    this.#fetchedSinceJoin = this.#assigned !== undefined;
  }

  #rebalance(): void {
    this.#alive();
    this.#rebalancing = true;
  }

  #alive(): void {
    this.#signOfLifeAtMs = this.#options.clock.monotonicMs();
  }
}
