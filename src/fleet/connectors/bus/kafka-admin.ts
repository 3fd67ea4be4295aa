import type { Admin, Kafka } from 'kafkajs';
import { raceAbort } from '../../../core/abort.ts';
import type { Clock } from '../../../core/clock.ts';
import type { Logger } from '../../agents/services.ts';
import { bounded } from './kafka-client.ts';
import { toKafkaError } from './kafka-errors.ts';

export interface TopicRequest {
  readonly topic: string;
  readonly partitions: number;
}

const disconnectTimeoutMs = 1_000;

/** One admin connection, made when needed and thrown away after any failure: a connection gone dead never heals. */
export class KafkaAdmin {
  readonly #kafka: Kafka;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #admin: Promise<Admin> | undefined;
  #closed = false;

  constructor(kafka: Kafka, clock: Clock, logger: Logger) {
    this.#kafka = kafka;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Cheapest question there is: who is in the cluster. */
  async ping(signal: AbortSignal): Promise<void> {
    await this.#use('asking for the cluster', signal, (admin) => admin.describeCluster());
  }

  /** Makes those that are absent; resolves once they have leaders. */
  async createTopics(topics: readonly TopicRequest[], signal: AbortSignal): Promise<void> {
    await this.#use('creating topics', signal, (admin) =>
      admin.createTopics({ topics: topics.map(({ topic, partitions }) => ({ topic, numPartitions: partitions })), waitForLeaders: true }),
    );
  }

  /** End of each partition of a topic: the offset that its next message will have. */
  async endOffsets(topic: string, signal: AbortSignal): Promise<ReadonlyMap<number, bigint>> {
    const offsets = await this.#use(`asking for the end of ${topic}`, signal, (admin) => admin.fetchTopicOffsets(topic));
    return new Map(offsets.map(({ partition, offset }) => [partition, BigInt(offset)]));
  }

  /** Where a group goes on in one partition; undefined where it has committed nothing. */
  async committedOffset(group: string, topic: string, partition: number, signal: AbortSignal): Promise<bigint | undefined> {
    const topics = await this.#use(`asking for the offsets of ${group}`, signal, (admin) => admin.fetchOffsets({ groupId: group, topics: [topic] }));
    const offset = topics[0]?.partitions.find((entry) => entry.partition === partition)?.offset;
    return offset === undefined || BigInt(offset) < 0n ? undefined : BigInt(offset);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#discard();
  }

  async #use<T>(doing: string, signal: AbortSignal, work: (admin: Admin) => Promise<T>): Promise<T> {
    const connecting = (this.#admin ??= this.#connect());
    try {
      return await raceAbort(connecting.then(work), signal);
    } catch (error) {
      if (this.#admin === connecting) void this.#discard();
      throw toKafkaError(error, doing, this.#clock);
    }
  }

  async #connect(): Promise<Admin> {
    if (this.#closed) throw new Error('the admin connection has been closed');
    const admin = this.#kafka.admin();
    await admin.connect();
    return admin;
  }

  async #discard(): Promise<void> {
    const connecting = this.#admin;
    this.#admin = undefined;
    if (connecting === undefined) return;
    try {
      await bounded(this.#clock, connecting.then((admin) => admin.disconnect()), disconnectTimeoutMs, 'disconnecting the admin connection');
    } catch (error) {
      this.#logger.debug('a Kafka admin connection was left behind', { error });
    }
  }
}
