import type { Consumer, Kafka } from 'kafkajs';
import type { CancelTimer } from '../../../core/clock.ts';
import { asError } from '../../../core/errors.ts';
import { backoffDelayMs, type BackoffSettings } from '../../../reliability/index.ts';
import type { ConsumerTuning } from './consumer-tuning.ts';
import { bounded } from './kafka-client.ts';
import { toKafkaError } from './kafka-errors.ts';
import type { Subscription } from './message-bus.ts';
import { PartitionSet, type PartitionSetOptions } from './partition-set.ts';

export interface GroupConsumerOptions extends PartitionSetOptions {
  readonly kafka: Kafka;
  readonly fromBeginning: boolean;
  readonly tuning: ConsumerTuning;
  /** Joined, after the start or a restart. */
  readonly onJoined: () => void;
}

const restartBackoff: BackoffSettings = Object.freeze({ strategy: 'exponential', baseDelayMs: 100, maxDelayMs: 5_000, multiplier: 2, jitter: 'equal', jitterRange: 0 });
const disconnectTimeoutMs = 3_000;

/**
 * One subscription. It outlives the kafkajs consumers that fetch for it: those crash for good on errors
 * that they deem final, and hang for ever on connections that are silently gone, so each is watched by
 * its heartbeats and fetches, and replaced.
 */
export class GroupConsumer implements Subscription {
  readonly #options: GroupConsumerOptions;
  readonly #partitions: PartitionSet;
  #consumer: Consumer | undefined;
  /** `rebalancing`: joined, and about to join the next generation. */
  #phase: 'joining' | 'joined' | 'rebalancing' = 'joining';
  #fetchedSinceJoin = false;
  #signOfLifeAtMs = 0;
  #restarts = 0;
  #cancelRestart: CancelTimer = () => undefined;
  #stopping: Promise<void> | undefined;
  #joined = Promise.withResolvers<void>();
  #lastError: Error | undefined;

  constructor(options: GroupConsumerOptions) {
    this.#options = options;
    this.#partitions = new PartitionSet(options);
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
    return this.#phase !== 'joining' && this.#fetchedSinceJoin ? this.#partitions.lag : undefined;
  }

  /** Called at intervals: notices a consumer that gives no sign of life. */
  watchdog(): void {
    const { clock, logger, group, tuning } = this.#options;
    const consumer = this.#consumer;
    if (consumer === undefined || this.#stopping !== undefined) return;
    const silentMs = clock.monotonicMs() - this.#signOfLifeAtMs;
    const allowedMs = this.#phase === 'joined' ? tuning.stallMs : Math.max(tuning.stallMs, tuning.rebalanceTimeoutMs + 2_000);
    if (silentMs <= allowedMs) return;
    logger.warn('a consumer hangs and is replaced', { group, silent_ms: Math.round(silentMs) });
    this.#replace(consumer, new Error(`no heartbeat and no fetch for ${Math.round(silentMs)} ms`));
  }

  /** Brings the lag up to date where fetching is paused. */
  refreshLag(signal: AbortSignal): Promise<void> {
    return this.#partitions.refreshEnds(signal);
  }

  stop(signal?: AbortSignal): Promise<void> {
    this.#stopping ??= this.#stop(signal);
    return this.#stopping;
  }

  async #stop(signal: AbortSignal | undefined): Promise<void> {
    this.#cancelRestart();
    await this.#partitions.drain(signal);
    const consumer = this.#consumer;
    this.#consumer = undefined;
    this.#phase = 'joining';
    if (consumer !== undefined) await this.#disconnect(consumer);
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
    this.#phase = 'joining';
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
      // `concurrency` is kept by the partition set; here every partition may hand over what it has.
      partitionsConsumedConcurrently: 64,
      eachBatch: async (payload) => {
        this.#alive();
        await this.#partitions.take(consumer, payload);
        this.#alive();
      },
    });
  }

  #onJoin(consumer: Consumer, partitions: readonly number[]): void {
    this.#alive();
    this.#phase = 'joined';
    this.#fetchedSinceJoin = false;
    this.#restarts = 0;
    this.#partitions.join(consumer, partitions);
    this.#options.onJoined();
    this.#joined.resolve();
  }

  #replace(consumer: Consumer, error: Error): void {
    if (this.#consumer !== consumer) return;
    const { clock, rng, logger, group, topic } = this.#options;
    this.#consumer = undefined;
    this.#phase = 'joining';
    this.#partitions.leave();
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
    this.#fetchedSinceJoin = true;
  }

  #rebalance(): void {
    this.#alive();
    this.#phase = 'rebalancing';
  }

  #alive(): void {
    this.#signOfLifeAtMs = this.#options.clock.monotonicMs();
  }
}
