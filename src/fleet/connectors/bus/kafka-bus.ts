import type { Kafka, KafkaMessage, Message } from 'kafkajs';
import { z } from 'zod';
import { raceAbort } from '../../../core/abort.ts';
import type { CancelTimer } from '../../../core/clock.ts';
import { DEADLINE_HEADER } from '../../../core/deadline.ts';
import type { Unsubscribe } from '../../../core/emitter.ts';
import { newCorrelationId } from '../../../core/ids.ts';
import type { BreakerConfig } from '../../../reliability/index.ts';
import { ConnectorError } from '../../error-codes.ts';
import type { CallOptions, DependencyState } from '../call.ts';
import type { ConnectorContext } from '../connector-context.ts';
import { DependencyWatch } from '../dependency-watch.ts';
import { defaultConsumerTuning, type ConsumerTuning } from './consumer-tuning.ts';
import { GroupConsumer } from './group-consumer.ts';
import { CORRELATION_HEADER, decode } from './incoming.ts';
import { KafkaAdmin, type TopicRequest } from './kafka-admin.ts';
import { createKafkaClient, type KafkaClientOptions } from './kafka-client.ts';
import { KafkaPublisher } from './kafka-publisher.ts';
import type { MessageBus, OutgoingMessage, SubscribeOptions, Subscription } from './message-bus.ts';
import { TopicMaker } from './topic-maker.ts';
import { deadLetterTopic, TopicRegistry, type TopicDefinition } from './topics.ts';

export interface KafkaBusOptions extends KafkaClientOptions {
  /** Known at the start; more by `addTopic`. */
  readonly topics?: readonly TopicDefinition[];
  /** Goes before every topic and group, in the cluster alone: fleets that share a cluster do not meet. @default none */
  readonly namePrefix?: string;
  readonly consumers?: Partial<ConsumerTuning>;
  /** For one request of the producer. @default 5000 */
  readonly sendTimeoutMs?: number;
  /** @default 2000 */
  readonly probeTimeoutMs?: number;
  /** @default 2000 */
  readonly upIntervalMs?: number;
  /** @default 500 */
  readonly downIntervalMs?: number;
}

const service = 'kafka';

/** D10. Closed again by the watch as soon as the cluster answers it. */
const breaker: Partial<BreakerConfig> = Object.freeze({ threshold: 3, recoveryMs: 1_000, recoveryMultiplier: 2, maxRecoveryMs: 5_000, rampSlots: 0 });
const retry = Object.freeze({ attemptTimeoutMs: 6_000, totalTimeoutMs: 15_000, breaker });
const watchdogIntervalMs = 500;
const coordinatorTimeoutMs = 30_000;

/** Kafka by kafkajs: one producer, one admin connection and one consumer a subscription, all watched. */
export class KafkaBus implements MessageBus {
  readonly topics: TopicRegistry;
  readonly #context: ConnectorContext;
  readonly #tuning: ConsumerTuning;
  readonly #namePrefix: string;
  readonly #kafka: Kafka;
  readonly #admin: KafkaAdmin;
  readonly #topicMaker: TopicMaker;
  readonly #publisher: KafkaPublisher;
  readonly #watch: DependencyWatch;
  readonly #consumers = new Set<GroupConsumer>();
  readonly #closing = new AbortController();
  #connecting: Promise<void> | undefined;
  #cancelWatchdog: CancelTimer = () => undefined;

  constructor(context: ConnectorContext, options: KafkaBusOptions) {
    this.#context = context;
    const { clock, logger } = context;
    this.topics = new TopicRegistry(options.topics);
    this.#tuning = { ...defaultConsumerTuning, ...options.consumers };
    this.#namePrefix = options.namePrefix ?? '';
    this.#kafka = createKafkaClient(options, logger);
    this.#admin = new KafkaAdmin(this.#kafka, clock, logger);
    this.#topicMaker = new TopicMaker(this.#admin, this.#closing.signal, this.#namePrefix);
    this.#publisher = new KafkaPublisher(this.#kafka, clock, logger, options.sendTimeoutMs ?? 5_000);
    this.#watch = new DependencyWatch({
      clock,
      logger,
      name: service,
      probe: (signal) => this.#probe(signal),
      ...(options.probeTimeoutMs === undefined ? {} : { probeTimeoutMs: options.probeTimeoutMs }),
      ...(options.upIntervalMs === undefined ? {} : { upIntervalMs: options.upIntervalMs }),
      ...(options.downIntervalMs === undefined ? {} : { downIntervalMs: options.downIntervalMs }),
    });
    this.#watch.onStateChange((state) => {
      if (state.up) this.#topicMaker.forget();
      if (state.up && context.reliability.mechanisms.breaker) context.reliability.breaker(service).reset();
    });
    this.#scheduleWatchdog();
  }

  get state(): DependencyState {
    return this.#watch.state;
  }

  onStateChange(listener: (state: DependencyState) => void): Unsubscribe {
    return this.#watch.onStateChange(listener);
  }

  /** Watches from now on; without it the first use does. */
  start(): void {
    this.#watch.start();
  }

  addTopic(topic: TopicDefinition): void {
    this.topics.add(topic);
  }

  async connect(options: CallOptions = {}): Promise<void> {
    this.#watch.start();
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined;
    });
    await raceAbort(this.#connecting, options.signal);
  }

  async ensureTopics(topics: readonly TopicRequest[], options: CallOptions = {}): Promise<void> {
    await this.#call('ensure_topics', options, async (signal) => {
      await this.#topicMaker.ensure(topics, signal);
    });
  }

  async publish(topic: string, messages: readonly OutgoingMessage[], options: CallOptions = {}): Promise<void> {
    const definition = this.#definition(topic);
    const correlationId = options.correlationId ?? newCorrelationId();
    const records = messages.map((message): Message => {
      const checked = definition.schema.safeParse(message.value);
      if (!checked.success) {
        throw new ConnectorError('KAFKA_MESSAGE_INVALID', `a message for ${topic} does not fit its schema: ${z.prettifyError(checked.error).replaceAll('\n', ' ')}`);
      }
      return {
        key: message.key,
        value: JSON.stringify(message.value),
        headers: {
          [CORRELATION_HEADER]: correlationId,
          ...(options.deadline === undefined ? {} : { [DEADLINE_HEADER]: String(options.deadline.toWallMs()) }),
          ...message.headers,
        },
      };
    });
    await this.#call('publish', { ...options, correlationId }, async (signal) => {
      await this.#topicMaker.ensureDefined(definition, topic, signal);
      await this.#publisher.send(`${this.#namePrefix}${topic}`, records, signal);
    });
  }

  async subscribe(options: SubscribeOptions): Promise<Subscription> {
    const { topic, group, concurrency = 1, fromBeginning = true } = options;
    const definition = this.#definition(topic);
    const { clock, rng, logger } = this.#context;
    this.#watch.start();
    await this.#topicMaker.ensureDefined(definition, topic, this.#closing.signal);
    const consumer = new GroupConsumer({
      kafka: this.#kafka,
      admin: this.#admin,
      clock,
      rng,
      logger,
      topic: `${this.#namePrefix}${topic}`,
      group: `${this.#namePrefix}${group}`,
      concurrency,
      fromBeginning,
      tuning: this.#tuning,
      deliver: (message, partition, signal) => this.#deliver(options, message, partition, signal),
      onJoined: () => this.#watch.up(),
      onTrouble: () => this.#watch.nudge(),
    });
    this.#consumers.add(consumer);
    try {
      await consumer.start();
    } catch (error) {
      this.#consumers.delete(consumer);
      throw error;
    }
    return {
      lag: () => consumer.lag(),
      stop: async (signal) => {
        this.#consumers.delete(consumer);
        await consumer.stop(signal);
      },
    };
  }

  async close(signal?: AbortSignal): Promise<void> {
    this.#watch.close();
    this.#cancelWatchdog();
    await Promise.all([...this.#consumers].map((consumer) => consumer.stop(signal)));
    this.#consumers.clear();
    await this.#publisher.close();
    this.#closing.abort(new ConnectorError('KAFKA_UNAVAILABLE', 'the connection to Kafka has been closed', { retriable: false }));
    await this.#admin.close();
  }

  async #connect(): Promise<void> {
    const { clock } = this.#context;
    const controller = new AbortController();
    const cancelTimer = clock.setTimer(coordinatorTimeoutMs, () => controller.abort(new ConnectorError('KAFKA_UNAVAILABLE', `the cluster gave no answer within ${coordinatorTimeoutMs} ms`)));
    const signal = AbortSignal.any([controller.signal, this.#closing.signal]);
    try {
      await this.#admin.ping(signal);
      await this.#topicMaker.ensureAll(this.topics.list(), signal);
      this.#watch.up();
    } catch (error) {
      this.#watch.nudge();
      throw error;
    } finally {
      cancelTimer();
    }
  }

  /** Under retry and breaker. Everything here may be repeated: consumers are told to expect a message twice. */
  #call(operation: string, options: CallOptions, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    this.#watch.start();
    return this.#context.reliability.executeSafely(
      async ({ signal }) => {
        const { state } = this.#watch;
        if (!state.up) throw new ConnectorError('KAFKA_UNAVAILABLE', `Kafka is down: ${state.reason}`);
        try {
          await work(signal);
        } catch (error) {
          this.#watch.nudge();
          throw error;
        }
      },
      `${service}.${operation}`,
      { profile: 'DATABASE', retry, ...options, idempotent: true },
    );
  }

  #definition(topic: string): TopicDefinition {
    const definition = this.topics.get(topic);
    if (definition === undefined) throw new ConnectorError('KAFKA_MESSAGE_INVALID', `topic ${topic} has not been defined: see defineTopic and addTopic`);
    return definition;
  }

  async #deliver({ handle, topic, group }: SubscribeOptions, raw: KafkaMessage, partition: number, signal: AbortSignal): Promise<void> {
    const decoded = decode(this.#definition(topic), topic, partition, raw);
    if ('message' in decoded) return handle(decoded.message, { signal });
    if (!this.#context.resilience.deadLetters) throw new ConnectorError('KAFKA_MESSAGE_INVALID', `message ${raw.offset} of ${topic}/${partition} cannot be read, and dead letters are switched off: ${decoded.poison}`);
    const correlationId = raw.headers?.[CORRELATION_HEADER]?.toString() ?? newCorrelationId();
    this.#context.logger.error('a message that cannot be read goes to the dead letter topic', { topic, group, partition, offset: raw.offset, correlation_id: correlationId, reason: decoded.poison });
    const headers = {
      ...raw.headers,
      [CORRELATION_HEADER]: correlationId,
      'x-dead-letter-reason': decoded.poison,
      'x-dead-letter-source': `${topic}/${partition}/${raw.offset}`,
      'x-dead-letter-group': group,
    };
    await this.#call('dead_letter', { signal }, (attempt) => this.#publisher.send(`${this.#namePrefix}${deadLetterTopic(topic)}`, [{ key: raw.key, value: raw.value, headers }], attempt));
  }

  async #probe(signal: AbortSignal): Promise<void> {
    await this.#admin.ping(signal);
    // Lag is for show: it must not make a cluster that has answered look gone.
    await Promise.all([...this.#consumers].map((consumer) => consumer.refreshLag(signal))).catch((error: unknown) =>
      this.#context.logger.debug('the consumer lag could not be told', { error }),
    );
  }

  #scheduleWatchdog(): void {
    this.#cancelWatchdog = this.#context.clock.setTimer(
      watchdogIntervalMs,
      () => {
        for (const consumer of this.#consumers) consumer.watchdog();
        this.#scheduleWatchdog();
      },
      { keepAlive: false },
    );
  }
}
