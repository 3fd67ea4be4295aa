import { CompressionTypes, Kafka, logLevel, type Consumer, type EachMessagePayload, type KafkaMessage, type Producer } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mortalSockets } from './kafka-sockets.ts';

export interface ContractBroker extends AsyncDisposable {
  /** `host:port` for bootstrapping. */
  readonly brokers: readonly string[];
}

export interface ContractLimits {
  /** The shortest session that the broker lets a member ask for. @default 6000, Kafka's own */
  readonly minSessionTimeoutMs?: number;
}

/** A poll this long is one that nothing ends but a message. */
const LONG_POLL_MS = 5_000;
const SHORT_POLL_MS = 100;
const WAIT_LIMIT_MS = 15_000;

let names = 0;

/** What the project relies on of a Kafka broker, as kafkajs shows it. Every title begins with P01. */
export function kafkaClientContract(brokerName: string, startBroker: () => Promise<ContractBroker>, { minSessionTimeoutMs = 6_000 }: ContractLimits = {}): void {
  describe(`Kafka client contract: ${brokerName}`, () => {
    let broker: ContractBroker;
    let kafka: Kafka;
    let producer: Producer;

    beforeAll(async () => {
      broker = await startBroker();
      kafka = client('contract');
      producer = kafka.producer();
      await producer.connect();
    });

    afterAll(async () => {
      await producer.disconnect();
      await broker[Symbol.asyncDispose]();
    });

    function client(clientId: string): Kafka {
      return new Kafka({ brokers: [...broker.brokers], clientId, logLevel: logLevel.NOTHING, retry: { initialRetryTime: 20, retries: 5 } });
    }

    async function topicOf(partitions: number): Promise<string> {
      const topic = unique('topic');
      await withAdmin(async (admin) => {
        await admin.createTopics({ topics: [{ topic, numPartitions: partitions }], waitForLeaders: true });
        // Leaders are named before they are at work. A batch that one of them takes and another refuses is sent again to both.
        await admin.fetchTopicOffsets(topic);
      });
      return topic;
    }

    async function withAdmin<T>(use: (admin: ReturnType<Kafka['admin']>) => Promise<T>): Promise<T> {
      const admin = kafka.admin({ retry: { initialRetryTime: 20, retries: 2 } });
      await admin.connect();
      try {
        return await use(admin);
      } finally {
        await admin.disconnect();
      }
    }

    interface Reading extends AsyncDisposable {
      readonly consumer: Consumer;
      readonly messages: EachMessagePayload[];
      readonly values: () => (string | undefined)[];
      readonly assigned: () => readonly number[] | undefined;
    }

    async function read(topic: string, options: { groupId?: string; fromBeginning?: boolean; maxWaitTimeInMs?: number; maxBytesPerPartition?: number; from?: Kafka; sessionTimeout?: number } = {}): Promise<Reading> {
      const consumer = (options.from ?? kafka).consumer({
        groupId: options.groupId ?? unique('group'),
        maxWaitTimeInMs: options.maxWaitTimeInMs ?? SHORT_POLL_MS,
        sessionTimeout: options.sessionTimeout ?? 30_000,
        heartbeatInterval: 50,
        rebalanceTimeout: 10_000,
        ...(options.maxBytesPerPartition === undefined ? {} : { maxBytesPerPartition: options.maxBytesPerPartition, maxBytes: options.maxBytesPerPartition }),
        retry: { initialRetryTime: 20, retries: 5, restartOnFailure: () => Promise.resolve(options.from === undefined) },
      });
      const messages: EachMessagePayload[] = [];
      let assigned: readonly number[] | undefined;
      consumer.on('consumer.group_join', ({ payload }) => {
        assigned = payload.memberAssignment[topic] ?? [];
      });
      consumer.on('consumer.rebalancing', () => {
        assigned = undefined;
      });
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: options.fromBeginning ?? true });
      await consumer.run({ autoCommitInterval: 50, eachMessage: (payload) => Promise.resolve(void messages.push(payload)) });
      await until(() => assigned !== undefined, 'the first assignment');
      return { consumer, messages, values: () => messages.map(({ message }) => message.value?.toString()), assigned: () => assigned, [Symbol.asyncDispose]: () => consumer.disconnect() };
    }

    /** Commits for partition 0 as a member that reads nothing would. */
    async function commit(topic: string, groupId: string, offset: string): Promise<void> {
      const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: SHORT_POLL_MS });
      const joined = new Promise((resolve) => consumer.on('consumer.group_join', resolve));
      await consumer.connect();
      await consumer.subscribe({ topic });
      await consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch: () => Promise.resolve() });
      await joined;
      await consumer.commitOffsets([{ topic, partition: 0, offset }]);
      await consumer.disconnect();
    }

    const send = (topic: string, ...values: string[]): Promise<unknown> => producer.send({ topic, messages: values.map((value) => ({ value, partition: 0 })) });

    test('P01 a message arrives with its key, headers, timestamp and bytes as sent', async () => {
      const topic = await topicOf(1);
      const binary = Buffer.from([0, 255, 1, 254, 128]);
      await producer.send({
        topic,
        messages: [
          { key: 'schlüssel', value: binary, headers: { 'x-correlation-id': 'c-1', many: ['a', 'b'] }, timestamp: '1700000000123' },
          { key: null, value: null },
        ],
      });
      await using reading = await read(topic);
      await until(() => reading.messages.length === 2, 'both messages');
      const [first, second] = reading.messages.map(({ message }) => message) as [KafkaMessage, KafkaMessage];
      expect(first.key?.toString()).toBe('schlüssel');
      expect(first.value).toEqual(binary);
      expect(first.headers?.['x-correlation-id']?.toString()).toBe('c-1');
      expect([first.headers?.['many']].flat().map(String)).toEqual(['a', 'b']);
      expect(first.timestamp).toBe('1700000000123');
      expect([first.offset, second.offset]).toEqual(['0', '1']);
      expect([second.key, second.value]).toEqual([null, null]);
    });

    test('P01 messages of one key keep their order over many batches, and none is lost or doubled', async () => {
      const topic = await topicOf(3);
      const keys = ['red', 'green', 'blue', 'white'];
      for (let batch = 0; batch < 20; batch++) {
        await producer.send({ topic, messages: Array.from({ length: 50 }, (_, index) => ({ key: keys[index % 4] as string, value: String(batch * 50 + index) })) });
      }
      await using reading = await read(topic);
      await until(() => reading.messages.length >= 1000, '1000 messages');
      const byKey = Map.groupBy(reading.messages, ({ message }) => String(message.key));
      expect(reading.messages.length).toBe(1000);
      for (const messages of byKey.values()) {
        const numbers = messages.map(({ message }) => Number(message.value));
        expect(numbers).toEqual(numbers.toSorted((left, right) => left - right));
        expect(new Set(messages.map(({ partition }) => partition)).size).toBe(1);
      }
    });

    test('P01 a gzip batch is stored as it came and read back', async () => {
      const topic = await topicOf(1);
      const values = Array.from({ length: 100 }, (_, index) => `${'the same words again '.repeat(20)}${index}`);
      await producer.send({ topic, compression: CompressionTypes.GZIP, messages: values.map((value) => ({ value })) });
      await using reading = await read(topic);
      await until(() => reading.messages.length === 100, '100 messages');
      expect(reading.values()).toEqual(values);
    });

    test('P01 acks 0 and acks 1 deliver as well as acks all', async () => {
      const topic = await topicOf(1);
      for (const acks of [0, 1, -1]) await producer.send({ topic, acks, messages: [{ value: `acks ${acks}` }] });
      await using reading = await read(topic);
      await until(() => reading.messages.length === 3, 'three messages');
      expect(reading.values()).toEqual(['acks 0', 'acks 1', 'acks -1']);
    });

    test('P01 a message reaches a consumer that polls for seconds within a fraction of one', async () => {
      const topic = await topicOf(1);
      const reading = await read(topic, { maxWaitTimeInMs: LONG_POLL_MS, fromBeginning: true });
      await send(topic, 'warm-up');
      await until(() => reading.messages.length === 1, 'the warm-up message');
      const sentAt = performance.now();
      await send(topic, 'news');
      await until(() => reading.messages.length === 2, 'the message');
      expect(performance.now() - sentAt).toBeLessThan(1_000);
      // Only a message ends the poll under way, and kafkajs waits for that before it disconnects.
      const gone = reading.consumer.disconnect();
      await send(topic, 'end of poll');
      await gone;
    });

    test('P01 a consumer that starts at the end gets only what comes later', async () => {
      const topic = await topicOf(1);
      await send(topic, 'old');
      await using reading = await read(topic, { fromBeginning: false });
      await until(async () => {
        await send(topic, 'new');
        return reading.messages.length > 0;
      }, 'a message');
      expect(reading.values()).not.toContain('old');
    });

    test('P01 messages larger than the byte limits of a fetch still come through, one after another', async () => {
      const topic = await topicOf(1);
      const values = Array.from({ length: 5 }, (_, index) => String(index).repeat(50_000));
      for (const value of values) await send(topic, value);
      await using reading = await read(topic, { maxBytesPerPartition: 1_000 });
      await until(() => reading.messages.length === 5, 'five large messages');
      expect(reading.values()).toEqual(values);
    });

    test('P01 a batch above max.message.bytes is refused, and the producer goes on', async () => {
      const topic = await topicOf(1);
      await expect(send(topic, 'x'.repeat(1_100_000))).rejects.toThrow(/larger than the max message size/);
      await send(topic, 'small');
    });

    test('P01 partitions are shared out among members as they come and go', async () => {
      const topic = await topicOf(4);
      const groupId = unique('group');
      await using first = await read(topic, { groupId });
      await until(() => first.assigned()?.length === 4, 'all four partitions for the first member');
      const second = await read(topic, { groupId });
      await until(() => first.assigned()?.length === 2 && second.assigned()?.length === 2, 'two partitions each');
      expect([...(first.assigned() ?? []), ...(second.assigned() ?? [])].toSorted((left, right) => left - right)).toEqual([0, 1, 2, 3]);
      await second.consumer.disconnect();
      await until(() => first.assigned()?.length === 4, 'all four partitions again');
    });

    test('P01 the partitions of a member that died go to the others when its session has run out', async () => {
      const topic = await topicOf(4);
      const groupId = unique('group');
      await using survivor = await read(topic, { groupId });
      const sockets = mortalSockets();
      const doomed = new Kafka({ brokers: [...broker.brokers], clientId: 'doomed', logLevel: logLevel.NOTHING, socketFactory: sockets.factory, connectionTimeout: 200, retry: { initialRetryTime: 10, retries: 0 } });
      const victim = await read(topic, { groupId, from: doomed, sessionTimeout: minSessionTimeoutMs });
      await until(() => survivor.assigned()?.length === 2, 'the partitions to be shared');
      sockets.kill();
      await until(() => survivor.assigned()?.length === 4, 'the survivor to own all partitions', minSessionTimeoutMs + WAIT_LIMIT_MS);
      await producer.send({ topic, messages: [0, 1, 2, 3].map((partition) => ({ partition, value: `to ${partition}` })) });
      await until(() => survivor.messages.length === 4, 'a message of every partition');
      expect(survivor.messages.map(({ partition, message }) => `${partition} ${String(message.value)}`).toSorted()).toEqual(['0 to 0', '1 to 1', '2 to 2', '3 to 3']);
      await victim.consumer.disconnect();
    });

    test('P01 a group goes on where it committed', async () => {
      const topic = await topicOf(1);
      const groupId = unique('group');
      await send(topic, 'one', 'two');
      {
        await using reading = await read(topic, { groupId });
        await until(() => reading.messages.length === 2, 'the first two');
        await reading.consumer.commitOffsets([{ topic, partition: 0, offset: '2', metadata: 'why not' }]);
      }
      const committed = await withAdmin((admin) => admin.fetchOffsets({ groupId, topics: [topic] }));
      expect(committed).toEqual([{ topic, partitions: [{ partition: 0, offset: '2', metadata: 'why not' }] }]);
      await send(topic, 'three');
      await using again = await read(topic, { groupId });
      await until(() => again.messages.length > 0, 'the third');
      expect(again.values()).toEqual(['three']);
    });

    test('P01 seek goes back to an offset', async () => {
      const topic = await topicOf(1);
      await send(topic, 'zero', 'one', 'two');
      await using reading = await read(topic);
      await until(() => reading.messages.length === 3, 'three messages');
      reading.consumer.seek({ topic, partition: 0, offset: '1' });
      await until(() => reading.messages.length === 5, 'two of them again');
      expect(reading.values().slice(3)).toEqual(['one', 'two']);
    });

    test('P01 offsets out of range send a consumer back to where it may start', async () => {
      const topic = await topicOf(1);
      const groupId = unique('group');
      await send(topic, 'zero', 'one', 'two');
      await commit(topic, groupId, '1000');
      await using reading = await read(topic, { groupId });
      await until(() => reading.messages.length === 3, 'all messages');
      expect(reading.values()).toEqual(['zero', 'one', 'two']);
    });

    test('P01 the offsets of a group that nobody is in are set, and reset to either end', async () => {
      const topic = await topicOf(1);
      const groupId = unique('group');
      await send(topic, 'zero', 'one', 'two');
      await commit(topic, groupId, '2');
      await withAdmin(async (admin) => {
        const committed = async (): Promise<string | undefined> => (await admin.fetchOffsets({ groupId, topics: [topic] }))[0]?.partitions[0]?.offset;
        await admin.setOffsets({ groupId, topic, partitions: [{ partition: 0, offset: '1' }] });
        expect(await committed()).toBe('1');
        // kafkajs commits what stands for the ends, and looks them up when it reads.
        await admin.resetOffsets({ groupId, topic, earliest: false });
        expect(await committed()).toBe('-1');
        await admin.resetOffsets({ groupId, topic, earliest: true });
        expect(await committed()).toBe('-2');
      });
      await using reading = await read(topic, { groupId });
      await until(() => reading.messages.length === 3, 'all messages');
      expect(reading.values()).toEqual(['zero', 'one', 'two']);
    });

    test('P01 lag is the end of the log less what the group has committed', async () => {
      const topic = await topicOf(2);
      const groupId = unique('group');
      await producer.send({ topic, messages: [0, 0, 0, 1].map((partition) => ({ partition, value: 'x' })) });
      await commit(topic, groupId, '1');
      const lag = await withAdmin(async (admin) => {
        const ends = new Map((await admin.fetchTopicOffsets(topic)).map(({ partition, high }) => [partition, Number(high)]));
        const [committed] = await admin.fetchOffsets({ groupId, topics: [topic] });
        return committed?.partitions.map(({ partition, offset }) => [partition, (ends.get(partition) ?? 0) - Math.max(0, Number(offset))]).toSorted();
      });
      expect(lag).toEqual([
        [0, 2],
        [1, 1],
      ]);
    });

    test('P01 offsets are found by time, in compressed batches too', async () => {
      const topic = await topicOf(1);
      const sendAt = (compression: CompressionTypes, ...times: number[]) => producer.send({ topic, compression, messages: times.map((time) => ({ value: 'x', timestamp: String(time) })) });
      await sendAt(CompressionTypes.None, 1000, 2000);
      await sendAt(CompressionTypes.GZIP, 3000, 4000);
      const find = (timestamp: number) => withAdmin(async (admin) => (await admin.fetchTopicOffsetsByTimestamp(topic, timestamp))[0]?.offset);
      expect([await find(500), await find(1500), await find(3000), await find(3500), await find(9000)]).toEqual(['0', '1', '2', '3', '4']);
    });

    test('P01 topics are made, listed, described, grown and deleted; each mistake has its own error', async () => {
      const topic = unique('topic');
      await withAdmin(async (admin) => {
        const create = (name: string, settings: object = {}) => admin.createTopics({ topics: [{ topic: name, numPartitions: 2, ...settings }] });
        expect(await create(topic)).toBe(true);
        expect(await create(topic)).toBe(false);
        expect(await admin.listTopics()).toContain(topic);
        await admin.createPartitions({ topicPartitions: [{ topic, count: 5 }] });
        const partitions = async (): Promise<number[] | undefined> => (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0]?.partitions.map(({ partitionId }) => partitionId).toSorted();
        await until(async () => (await partitions())?.length !== 2, 'the new partitions');
        expect(await partitions()).toEqual([0, 1, 2, 3, 4]);
        await expect(create('no spaces allowed')).rejects.toMatchObject({ errors: [{ type: 'INVALID_TOPIC_EXCEPTION' }] });
        await expect(create(unique('topic'), { numPartitions: 0 })).rejects.toMatchObject({ errors: [{ type: 'INVALID_PARTITIONS' }] });
        await expect(create(unique('topic'), { replicationFactor: 3 })).rejects.toMatchObject({ errors: [{ type: 'INVALID_REPLICATION_FACTOR' }] });
        await expect(create(unique('topic'), { configEntries: [{ name: 'no.such.setting', value: '1' }] })).rejects.toMatchObject({ errors: [{ type: 'INVALID_CONFIG' }] });
        await admin.deleteTopics({ topics: [topic] });
        await until(async () => !(await admin.listTopics()).includes(topic), 'the topic to be gone');
        await expect(admin.deleteTopics({ topics: [topic] })).rejects.toMatchObject({ cause: { type: 'UNKNOWN_TOPIC_OR_PARTITION' } });
      });
    });

    test('P01 a topic is made by being produced to', async () => {
      const topic = unique('topic');
      await send(topic, 'first');
      await using reading = await read(topic);
      await until(() => reading.messages.length === 1, 'the message');
      expect(reading.values()).toEqual(['first']);
    });

    test('P01 records are deleted up to an offset', async () => {
      const topic = await topicOf(1);
      await send(topic, 'zero');
      await send(topic, 'one');
      await withAdmin(async (admin) => {
        // deleteTopicRecords of kafkajs works only on topics that the same client has asked about before.
        await admin.fetchTopicOffsets(topic);
        await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '1' }] });
      });
      await using reading = await read(topic);
      await until(() => reading.messages.length === 1, 'what is left');
      expect(reading.values()).toEqual(['one']);
    });

    test('P01 groups are listed and described, and deleted once nobody is in them', async () => {
      const topic = await topicOf(1);
      const groupId = unique('group');
      const reading = await read(topic, { groupId });
      await withAdmin(async (admin) => {
        const { groups } = await admin.describeGroups([groupId]);
        expect(groups[0]).toMatchObject({ groupId, state: 'Stable', protocolType: 'consumer', protocol: 'RoundRobinAssigner' });
        expect(groups[0]?.members.map(({ clientId }) => clientId)).toEqual(['contract']);
        expect((await admin.listGroups()).groups.map((group) => group.groupId)).toContain(groupId);
        await expect(admin.deleteGroups([groupId])).rejects.toMatchObject({ groups: [{ groupId, error: { type: 'NON_EMPTY_GROUP' } }] });
        await reading.consumer.disconnect();
        expect((await admin.describeGroups([groupId])).groups[0]?.state).toBe('Empty');
        await admin.deleteGroups([groupId]);
        await expect(admin.deleteGroups([groupId])).rejects.toMatchObject({ groups: [{ groupId, error: { type: 'GROUP_ID_NOT_FOUND' } }] });
        expect((await admin.describeGroups([groupId])).groups[0]?.state).toBe('Dead');
      });
    });

    test('P01 an idempotent producer delivers each message once, in order', async () => {
      const topic = await topicOf(1);
      const idempotent = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
      await idempotent.connect();
      for (let index = 0; index < 30; index++) await idempotent.send({ topic, messages: [{ value: `${index}a` }, { value: `${index}b` }] });
      await idempotent.disconnect();
      await using reading = await read(topic);
      await until(() => reading.messages.length >= 60, '60 messages');
      expect(reading.values()).toEqual(Array.from({ length: 30 }, (_, index) => [`${index}a`, `${index}b`]).flat());
    });
  });
}

/** Names that no other run of the suite against the same broker has used. */
function unique(kind: string): string {
  return `${kind}-${process.pid}-${Date.now()}-${++names}`;
}

/** Looks until the condition holds; fails with `what` was waited for. */
export async function until(condition: () => boolean | Promise<boolean>, what: string, limitMs = WAIT_LIMIT_MS): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited ${limitMs} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
