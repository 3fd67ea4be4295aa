import { CompressionTypes, Partitioners, type Kafka, type Message, type Producer, type TopicMessages } from 'kafkajs';
import { abortReason } from '../../../core/abort.ts';
import type { Clock } from '../../../core/clock.ts';
import { isNetraError } from '../../../core/errors.ts';
import type { Logger } from '../../agents/services.ts';
import { ConnectorError } from '../../error-codes.ts';
import { bounded } from './kafka-client.ts';
import { toKafkaError } from './kafka-errors.ts';

interface Parcel {
  readonly topic: string;
  readonly messages: Message[];
  readonly settle: PromiseWithResolvers<void>;
}

const disconnectTimeoutMs = 1_000;
/** Messages in one request; what comes meanwhile goes with the next. */
const maxBatch = 1_000;

/**
 * One idempotent producer (acks = all) for everything that a process publishes. Parcels that come
 * while a request is under way travel together in the next one, so that a slow line costs latency
 * but not throughput.
 *
 * After any failed request the producer is thrown away. kafkajs would use the sequence numbers of
 * the failed batch again for the next, other one; a broker that did store the first takes the second
 * for its repetition and drops it without a word.
 */
export class KafkaPublisher {
  readonly #kafka: Kafka;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #sendTimeoutMs: number;
  #producer: Promise<Producer> | undefined;
  #pending: Parcel[] = [];
  #draining: Promise<void> | undefined;
  #closed = false;

  constructor(kafka: Kafka, clock: Clock, logger: Logger, sendTimeoutMs: number) {
    this.#kafka = kafka;
    this.#clock = clock;
    this.#logger = logger;
    this.#sendTimeoutMs = sendTimeoutMs;
  }

  /** Resolves once all replicas have the messages. After a rejection with `maybeExecuted` they may be there or not. */
  async send(topic: string, messages: Message[], signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#closed) throw new ConnectorError('KAFKA_UNAVAILABLE', 'the connection to Kafka has been closed', { retriable: false });
    const parcel: Parcel = { topic, messages, settle: Promise.withResolvers() };
    const onAbort = (): void => {
      this.#pending = this.#pending.filter((other) => other !== parcel);
      parcel.settle.reject(abortReason(signal));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    this.#pending.push(parcel);
    this.#draining ??= this.#drain().finally(() => {
      this.#draining = undefined;
    });
    try {
      await parcel.settle.promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** Sends what is pending, as far as it can be. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#draining;
    await this.#discard();
  }

  async #drain(): Promise<void> {
    // A turn for what is published in the same tick.
    await Promise.resolve();
    while (this.#pending.length > 0) {
      const batch = this.#take();
      try {
        await this.#sendTogether(batch);
        for (const { settle } of batch) settle.resolve();
      } catch (error) {
        await this.#failed(batch, error);
      }
    }
  }

  #take(): Parcel[] {
    let messages = 0;
    const end = this.#pending.findIndex((parcel, index) => (messages += parcel.messages.length) > maxBatch && index > 0);
    return this.#pending.splice(0, end === -1 ? this.#pending.length : end);
  }

  /** A message that the broker refuses must not take its fellow travellers with it. */
  async #failed(batch: readonly Parcel[], error: unknown): Promise<void> {
    const mapped = toKafkaError(error, `publishing to ${[...new Set(batch.map(({ topic }) => topic))].join(', ')}`, this.#clock);
    const oneIsToBlame = isNetraError(mapped) && mapped.code === 'KAFKA_REFUSED' && batch.length > 1;
    for (const parcel of batch) {
      if (!oneIsToBlame) parcel.settle.reject(mapped);
      else {
        await this.#sendTogether([parcel]).then(
          () => parcel.settle.resolve(),
          (alone: unknown) => parcel.settle.reject(toKafkaError(alone, `publishing to ${parcel.topic}`, this.#clock)),
        );
      }
    }
  }

  async #sendTogether(batch: readonly Parcel[]): Promise<void> {
    const byTopic = new Map<string, TopicMessages & { messages: Message[] }>();
    for (const { topic, messages } of batch) {
      const entry = byTopic.get(topic);
      if (entry === undefined) byTopic.set(topic, { topic, messages: [...messages] });
      else entry.messages.push(...messages);
    }
    try {
      const sending = (this.#producer ??= this.#connect()).then((producer) =>
        producer.sendBatch({ acks: -1, timeout: this.#sendTimeoutMs, compression: CompressionTypes.None, topicMessages: [...byTopic.values()] }),
      );
      await bounded(this.#clock, sending, this.#sendTimeoutMs, 'publishing');
    } catch (error) {
      void this.#discard();
      throw error;
    }
  }

  async #connect(): Promise<Producer> {
    const producer = this.#kafka.producer({
      idempotent: true,
      // One in-client retry is the least that kafkajs takes for an idempotent producer, and the one
      // retry that cannot store twice: it sends the same batch with the same sequence numbers.
      retry: { retries: 1, initialRetryTime: 50, maxRetryTime: 50 },
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
    });
    await producer.connect();
    return producer;
  }

  async #discard(): Promise<void> {
    const connecting = this.#producer;
    this.#producer = undefined;
    if (connecting === undefined) return;
    try {
      await bounded(this.#clock, connecting.then((producer) => producer.disconnect()), disconnectTimeoutMs, 'disconnecting the producer');
    } catch (error) {
      this.#logger.debug('a Kafka producer was left behind', { error });
    }
  }
}
