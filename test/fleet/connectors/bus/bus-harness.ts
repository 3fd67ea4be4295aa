import { Kafka, logLevel, type Admin } from 'kafkajs';
import { z } from 'zod';
import { KafkaBus, type KafkaBusOptions } from '../../../../src/fleet/connectors/bus/kafka-bus.ts';
import type { IncomingMessage } from '../../../../src/fleet/connectors/bus/message-bus.ts';
import { defineTopic } from '../../../../src/fleet/connectors/bus/topics.ts';
import { startKafkaBroker, type RunningKafka } from '../../../../src/infra/embedded/kafka/broker.ts';
import { createHarness, type Harness } from '../connector-harness.ts';
import { TcpForwarder } from '../tcp-forwarder.ts';

export const notes = defineTopic({ name: 'notes', partitions: 1, schema: z.object({ n: z.number() }), summary: 'Numbers' });
export const wide = defineTopic({ name: 'wide', partitions: 6, schema: z.object({ n: z.number() }), summary: 'Numbers, over several partitions' });
export const texts = defineTopic({ name: 'texts', partitions: 1, schema: z.object({ text: z.string() }), summary: 'Texts of any length' });
export const replies = defineTopic({ name: 'replies.*', partitions: 1, schema: z.object({ ok: z.boolean() }), summary: 'Answers to one host' });

/** A broker that clients reach through a forwarder that can go bad, and buses upon it. */
export class BusHarness implements AsyncDisposable {
  readonly broker: RunningKafka;
  readonly forwarder: TcpForwarder;
  readonly harness: Harness = createHarness();
  readonly #buses: KafkaBus[] = [];

  private constructor(broker: RunningKafka, forwarder: TcpForwarder) {
    this.broker = broker;
    this.forwarder = forwarder;
  }

  static async start(): Promise<BusHarness> {
    const broker = await startKafkaBroker({ listeners: [{ name: 'direct' }, { name: 'proxied' }] });
    const forwarder = await TcpForwarder.to(broker.address('proxied').port);
    broker.advertise('proxied', { host: '127.0.0.1', port: forwarder.port });
    return new BusHarness(broker, forwarder);
  }

  bus(options: Partial<KafkaBusOptions> = {}, harness: Harness = this.harness): KafkaBus {
    const bus = new KafkaBus(harness, {
      brokers: [`127.0.0.1:${this.forwarder.port}`],
      clientId: 'test',
      topics: [notes, wide, replies],
      connectTimeoutMs: 500,
      requestTimeoutMs: 1_000,
      sendTimeoutMs: 800,
      probeTimeoutMs: 400,
      upIntervalMs: 200,
      downIntervalMs: 50,
      ...options,
      consumers: { sessionTimeoutMs: 1_500, heartbeatIntervalMs: 200, rebalanceTimeoutMs: 2_000, maxWaitMs: 100, stallMs: 1_500, joinTimeoutMs: 8_000, ...options.consumers },
    });
    this.#buses.push(bus);
    return bus;
  }

  /** Address beside the forwarder. */
  get direct(): string {
    const { host, port } = this.broker.address('direct');
    return `${host}:${port}`;
  }

  kafka(): Kafka {
    return new Kafka({ brokers: [this.direct], clientId: 'beside', logLevel: logLevel.NOTHING, retry: { retries: 2, initialRetryTime: 50 } });
  }

  async withAdmin<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = this.kafka().admin();
    await admin.connect();
    try {
      return await work(admin);
    } finally {
      await admin.disconnect();
    }
  }

  async committed(group: string, topic: string): Promise<number> {
    const [entry] = await this.withAdmin((admin) => admin.fetchOffsets({ groupId: group, topics: [topic] }));
    return (entry?.partitions ?? []).reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0);
  }

  async produceRaw(topic: string, values: readonly (string | null)[]): Promise<void> {
    const producer = this.kafka().producer();
    await producer.connect();
    await producer.send({ topic, messages: values.map((value) => ({ key: 'raw', value })) });
    await producer.disconnect();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#buses.map((bus) => bus.close(AbortSignal.abort())));
    await this.forwarder[Symbol.asyncDispose]();
    await this.broker.close();
  }
}

export const numberOf = (message: IncomingMessage): number => (message.value as { n: number }).n;
