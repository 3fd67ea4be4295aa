import { describe, expect, test } from 'vitest';
import { startKafkaBroker, type RunningKafka } from '../../../../src/infra/embedded/kafka/broker.ts';
import { kafkaError } from '../../../../src/infra/embedded/kafka/protocol/kafka-error.ts';
import { until } from '../../../contract/kafka-client.ts';
import { VirtualClock } from '../../../helpers/virtual-clock.ts';
import { fetchRequest, produceRequest, protocolClient, type FetchAnswer, type ProduceAnswer, type ProtocolClient } from './protocol-client.ts';

const FETCH = 11;
const PRODUCE = 7;

interface Bench extends AsyncDisposable {
  readonly broker: RunningKafka;
  readonly clock: VirtualClock;
  readonly consumer: ProtocolClient;
  readonly producer: ProtocolClient;
}

/** A broker whose time stands still, with topic `t` of two partitions. */
async function bench(): Promise<Bench> {
  const clock = new VirtualClock();
  const broker = await startKafkaBroker({ listeners: [{ name: 'direct' }], clock });
  const [consumer, producer] = await Promise.all([protocolClient(broker.address('direct')), protocolClient(broker.address('direct'))]);
  await producer.call('CreateTopics', 3, { topics: [{ topic: 't', numPartitions: 2, replicationFactor: 1 }] });
  return { broker, clock, consumer, producer, [Symbol.asyncDispose]: () => broker.close() };
}

const partitionsIn = (answer: FetchAnswer) => answer.responses.flatMap(({ partitions }) => partitions);
const offsetsIn = (answer: FetchAnswer): string[] => partitionsIn(answer).flatMap(({ messages }) => messages.map(({ offset }) => offset));
const errorsIn = (answer: FetchAnswer): number[] => partitionsIn(answer).map(({ errorCode }) => errorCode);
const parked = ({ clock }: Bench): Promise<void> => until(() => clock.pendingTimers === 1, 'the fetch to be waiting');

describe('Fetch', () => {
  test('P01 a long poll is answered empty when its time is up, and not before', async () => {
    await using lab = await bench();
    let answered = false;
    const poll = lab.consumer.call<FetchAnswer>('Fetch', FETCH, fetchRequest('t', { 0: 0, 1: 0 }, { maxWaitTime: 5000 })).finally(() => (answered = true));
    await parked(lab);
    await lab.clock.advance(4999);
    // A round trip after the moment: an answer, had there been one, would have come before it.
    await lab.producer.call('ApiVersions', 2, {});
    expect(answered).toBe(false);
    await lab.clock.advance(1);
    expect(offsetsIn(await poll)).toEqual([]);
    expect(lab.clock.pendingTimers).toBe(0);
  });

  test('P01 a long poll is answered by a message to any of its partitions, though no time passes', async () => {
    await using lab = await bench();
    const poll = lab.consumer.call<FetchAnswer>('Fetch', FETCH, fetchRequest('t', { 0: 0, 1: 0 }, { maxWaitTime: 5000 }));
    await parked(lab);
    await lab.producer.call('Produce', PRODUCE, produceRequest('t', ['news'], { partition: 1 }));
    expect(partitionsIn(await poll)).toMatchObject([
      { partition: 0, highWatermark: '0', messages: [] },
      { partition: 1, highWatermark: '1', messages: [{ offset: '0', value: Buffer.from('news') }] },
    ]);
    expect(lab.clock.pendingTimers).toBe(0);
  });

  test('P01 min bytes keep a poll waiting until that much is there', async () => {
    await using lab = await bench();
    const poll = lab.consumer.call<FetchAnswer>('Fetch', FETCH, fetchRequest('t', { 0: 0 }, { maxWaitTime: 5000, minBytes: 180 }));
    await parked(lab);
    await lab.producer.call('Produce', PRODUCE, produceRequest('t', ['x']));
    expect(lab.clock.pendingTimers).toBe(1);
    await lab.producer.call('Produce', PRODUCE, produceRequest('t', ['x'.repeat(120)]));
    expect(offsetsIn(await poll)).toEqual(['0', '1']);
  });

  test('P01 limits of bytes hold for each partition and for the whole answer, save for the first batch', async () => {
    await using lab = await bench();
    for (const partition of [0, 0, 0, 1, 1, 1]) await lab.producer.call('Produce', PRODUCE, produceRequest('t', ['x'.repeat(1000)], { partition }));
    const fetch = async (limits: object): Promise<number[]> => partitionsIn(await lab.consumer.call<FetchAnswer>('Fetch', FETCH, fetchRequest('t', { 0: 0, 1: 0 }, limits))).map(({ messages }) => messages.length);
    expect(await fetch({})).toEqual([3, 3]);
    expect(await fetch({ partitionMaxBytes: 2500 })).toEqual([2, 2]);
    expect(await fetch({ maxBytes: 2500 })).toEqual([2, 0]);
    expect(await fetch({ maxBytes: 4500 })).toEqual([3, 1]);
    expect(await fetch({ maxBytes: 1 })).toEqual([1, 0]);
    expect(await fetch({ partitionMaxBytes: 1 })).toEqual([1, 0]);
  });

  test('P01 wrong offsets and partitions are answered at once, each with its own error', async () => {
    await using lab = await bench();
    const fetch = async (topic: string, offsets: Record<number, number>): Promise<number[]> => errorsIn(await lab.consumer.call('Fetch', FETCH, fetchRequest(topic, offsets, { maxWaitTime: 5000 })));
    expect(await fetch('t', { 0: 1 })).toEqual([kafkaError.OFFSET_OUT_OF_RANGE]);
    expect(await fetch('t', { 0: -5, 7: 0 })).toEqual([kafkaError.OFFSET_OUT_OF_RANGE, kafkaError.UNKNOWN_TOPIC_OR_PARTITION]);
    expect(await fetch('absent', { 0: 0 })).toEqual([kafkaError.UNKNOWN_TOPIC_OR_PARTITION]);
  });

  test('P01 a waiting poll learns that its topic was deleted', async () => {
    await using lab = await bench();
    const poll = lab.consumer.call<FetchAnswer>('Fetch', FETCH, fetchRequest('t', { 0: 0 }, { maxWaitTime: 5000 }));
    await parked(lab);
    await lab.producer.call('DeleteTopics', 1, { topics: ['t'] });
    expect(errorsIn(await poll)).toEqual([kafkaError.UNKNOWN_TOPIC_OR_PARTITION]);
  });

  test('P01 a poll whose client is gone leaves no timer behind', async () => {
    await using lab = await bench();
    void lab.consumer.call('Fetch', FETCH, fetchRequest('t', { 0: 0 }, { maxWaitTime: 5000 })).catch(() => undefined);
    await parked(lab);
    lab.consumer.drop();
    await until(() => lab.clock.pendingTimers === 0, 'the timer to be gone');
    expect(await lab.producer.call('ApiVersions', 2, {})).toMatchObject({ errorCode: 0 });
  });

  test('P01 requests behind a long poll on one connection are answered in order', async () => {
    await using lab = await bench();
    const poll = lab.consumer.call<FetchAnswer>('Fetch', FETCH, fetchRequest('t', { 0: 0 }, { maxWaitTime: 5000 }));
    await parked(lab);
    const next = lab.consumer.call('ApiVersions', 2, {});
    await lab.producer.call('Produce', PRODUCE, produceRequest('t', ['news']));
    expect(offsetsIn(await poll)).toEqual(['0']);
    expect(await next).toMatchObject({ errorCode: 0 });
  });

  test('P01 a batch that is sent twice by an idempotent producer is stored once and acknowledged twice', async () => {
    await using lab = await bench();
    const { producerId } = await lab.producer.call<{ producerId: string }>('InitProducerId', 1, { transactionalId: null, transactionTimeout: 0 });
    const produce = async (firstSequence: number, producerEpoch = 0): Promise<unknown> => {
      const answer = await lab.producer.call<ProduceAnswer>('Produce', PRODUCE, produceRequest('t', ['a', 'b'], { producerId: Number(producerId), producerEpoch, firstSequence }));
      return answer.topics[0]?.partitions.map(({ errorCode, baseOffset }) => [errorCode, Number(baseOffset)])[0];
    };
    expect([await produce(0), await produce(2), await produce(2), await produce(0)]).toEqual([
      [0, 0],
      [0, 2],
      [0, 2],
      [0, 0],
    ]);
    expect(await produce(9)).toEqual([kafkaError.OUT_OF_ORDER_SEQUENCE_NUMBER, -1]);
    expect(await produce(0, -1)).toEqual([kafkaError.INVALID_RECORD, -1]);
    expect(offsetsIn(await lab.consumer.call('Fetch', FETCH, fetchRequest('t', { 0: 0 })))).toEqual(['0', '1', '2', '3']);
  });

  test('P01 produce errors: unknown partition, bad acks; with acks 0 the connection is closed instead', async () => {
    await using lab = await bench();
    const produce = async (topic: string, acks = -1): Promise<number | undefined> => (await lab.producer.call<ProduceAnswer>('Produce', PRODUCE, produceRequest(topic, ['x'], { acks }))).topics[0]?.partitions[0]?.errorCode;
    expect(await produce('absent')).toBe(kafkaError.UNKNOWN_TOPIC_OR_PARTITION);
    expect(await produce('t', 7)).toBe(kafkaError.INVALID_REQUIRED_ACKS);
    await lab.producer.call('Produce', PRODUCE, produceRequest('absent', ['x'], { acks: 0 }));
    await lab.producer.closed;
  });
});
