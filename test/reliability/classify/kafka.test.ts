import { Kafka, logLevel, type ProducerRecord } from 'kafkajs';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { startKafkaBroker } from '../../../src/infra/embedded/kafka/broker.ts';
import { classifyError } from '../../../src/reliability/index.ts';
import { badServer, rejection } from './bad-servers.ts';

const classify = (error: unknown) => classifyError(error, systemClock);
const kafka = (port: number) => new Kafka({ clientId: 'classify', brokers: [`127.0.0.1:${port}`], connectionTimeout: 300, requestTimeout: 300, retry: { retries: 0 }, logLevel: logLevel.NOTHING });

describe('kafkajs and a line that fails', () => {
  test.each([
    ['refused', { kind: 'connection', maybeExecuted: false }],
    ['reset', { kind: 'connection', maybeExecuted: true }],
    ['closed', { kind: 'connection', maybeExecuted: true }],
    ['silent', { kind: 'timeout', maybeExecuted: true }],
  ] as const)('R11 kafkajs, connection %s', async (misbehaviour, expected) => {
    await using server = await badServer(misbehaviour);
    const admin = kafka(server.port).admin();
    const error = await rejection(async () => {
      await admin.connect();
      await admin.listTopics();
    });
    await admin.disconnect();
    expect(classify(error)).toMatchObject({ ...expected, retriable: true, blame: 'dependency', source: 'kafka' });
  });
});

describe('kafkajs and what a broker answers', () => {
  test('R11 kafkajs, topics that are there already or are not, records that cannot be taken', async () => {
    await using broker = await startKafkaBroker({ clock: systemClock, listeners: [{ name: 'main' }] });
    const client = kafka(broker.address('main').port);
    const admin = client.admin();
    const producer = client.producer({ allowAutoTopicCreation: false });
    await admin.connect();
    await producer.connect();
    try {
      await admin.createTopics({ topics: [{ topic: 'orders', numPartitions: 1 }] });
      expect(classify(await rejection(() => admin.fetchTopicOffsets('nowhere')))).toMatchObject({ kind: 'unavailable', retriable: true, maybeExecuted: false, source: 'kafka' });
      const toNowhere: ProducerRecord = { topic: 'nowhere', messages: [{ value: 'x' }] };
      expect(classify(await rejection(() => producer.send(toNowhere)))).toMatchObject({ kind: 'unavailable', retriable: true, source: 'kafka' });
      const wrong = await rejection(() => admin.createTopics({ topics: [{ topic: 'not a name!', numPartitions: 1 }] }));
      expect(classify(wrong)).toMatchObject({ kind: 'invalid', retriable: false, blame: 'none', source: 'kafka' });
    } finally {
      await producer.disconnect();
      await admin.disconnect();
    }
  });

  test('R11 kafkajs, a broker that goes away under a connected client', async () => {
    const broker = await startKafkaBroker({ clock: systemClock, listeners: [{ name: 'main' }] });
    const admin = kafka(broker.address('main').port).admin();
    await admin.connect();
    await broker.close();
    const error = await rejection(() => admin.listTopics());
    await admin.disconnect();
    expect(classify(error)).toMatchObject({ kind: 'connection', retriable: true, blame: 'dependency', source: 'kafka' });
  });
});
