import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Endpoint } from '../../src/infra/provider.ts';
import { kafkaError } from '../../src/infra/embedded/kafka/protocol/kafka-error.ts';
import { fetchRequest, joinRequest as joinRequestOf, produceRequest, protocolClient, type FetchAnswer, type JoinAnswer, type ProduceAnswer, type ProtocolClient } from '../infra/embedded/kafka/protocol-client.ts';

interface TopicErrors {
  readonly topicErrors: readonly { readonly errorCode: number }[];
}

/**
 * Of the consumer protocol, which a coordinator reads though it concerns the members only: version i16 · topics array of string · user
 * data bytes (-1: none). An assignment of nothing looks the same. Apache Kafka never answers a member whose subscription it cannot read.
 */
const nothing = Buffer.from([0, 0, 0, 0, 0, 0, 255, 255, 255, 255]);

function joinRequest(groupId: string, memberId = '', { strategy = 'range', ...timeouts }: { readonly strategy?: string; readonly sessionTimeout?: number } = {}): unknown {
  return { ...(joinRequestOf(groupId, memberId, timeouts) as object), groupProtocols: [{ name: strategy, metadata: nothing }] };
}

/** What clients hide: which error each mistake gets, as the codecs of kafkajs read it off the wire. Every title begins with P01. */
export function kafkaProtocolContract(brokerName: string, startBroker: () => Promise<AsyncDisposable & { readonly endpoint: Endpoint }>): void {
  describe(`Kafka protocol contract: ${brokerName}`, () => {
    let broker: AsyncDisposable & { readonly endpoint: Endpoint };
    let client: ProtocolClient;
    let topic: string;
    let topics = 0;

    beforeAll(async () => {
      broker = await startBroker();
      client = await protocolClient(broker.endpoint);
    });

    afterAll(async () => {
      await client?.[Symbol.asyncDispose]();
      await broker?.[Symbol.asyncDispose]();
    });

    beforeEach(async () => {
      topic = `protocol-${process.pid}-${Date.now()}-${++topics}`;
      const made = await client.call<TopicErrors>('CreateTopics', 3, { topics: [{ topic, numPartitions: 2, replicationFactor: 1 }] });
      expect(made).toMatchObject({ topicErrors: [{ errorCode: 0 }] });
      // Its leader is known a moment after it was made.
      await retried(async () => (await produce(topic, ['first'])).errorCode === 0);
      // Partitions are ready one by one, and a fetch that meets one that is not answers at once.
      await retried(async () => (await fetched(topic, { 0: 0, 1: 0 })).every(([errorCode]) => errorCode === 0));
    });

    const produce = async (name: string, values: readonly string[], options: Parameters<typeof produceRequest>[2] = {}): Promise<{ errorCode: number; baseOffset: number }> => {
      const answer = await client.call<ProduceAnswer>('Produce', 7, produceRequest(name, values, options));
      const { errorCode, baseOffset } = answer.topics[0]?.partitions[0] ?? { errorCode: Number.NaN, baseOffset: '' };
      return { errorCode, baseOffset: Number(baseOffset) };
    };

    const fetched = async (name: string, offsets: Record<number, number>): Promise<(readonly [errorCode: number, ...offsets: string[]])[]> =>
      (await client.call<FetchAnswer>('Fetch', 11, fetchRequest(name, offsets, { maxWaitTime: 50 }))).responses.flatMap(({ partitions }) => partitions.map(({ errorCode, messages }) => [errorCode, ...messages.map(({ offset }) => offset)] as const));

    const commit = async (groupId: string, memberId: string, groupGenerationId: number, { partition = 0, metadata = '' } = {}): Promise<number | undefined> =>
      (await client.call<{ responses: { partitions: { errorCode: number }[] }[] }>('OffsetCommit', 5, { groupId, groupGenerationId, memberId, topics: [{ topic, partitions: [{ partition, offset: '1', metadata }] }] })).responses[0]?.partitions[0]?.errorCode;

    /** Joins as the only member, leads, and has its assignment. */
    async function soleMember(groupId: string): Promise<{ readonly memberId: string; readonly generationId: number }> {
      const { errorCode, memberId } = await client.call<JoinAnswer>('JoinGroup', 5, joinRequest(groupId));
      expect(errorCode).toBe(kafkaError.MEMBER_ID_REQUIRED);
      const { generationId, leaderId } = await client.call<JoinAnswer>('JoinGroup', 5, joinRequest(groupId, memberId));
      expect(leaderId).toBe(memberId);
      expect(await sync(groupId, memberId, generationId, nothing)).toMatchObject({ errorCode: 0 });
      return { memberId, generationId };
    }

    const sync = (groupId: string, memberId: string, generationId: number, assignment?: Buffer): Promise<{ errorCode: number }> =>
      client.call('SyncGroup', 3, { groupId, generationId, memberId, groupAssignment: assignment === undefined ? [] : [{ memberId, memberAssignment: assignment }] });

    const heartbeat = async (groupId: string, memberId: string, groupGenerationId: number): Promise<number> => (await client.call<{ errorCode: number }>('Heartbeat', 3, { groupId, memberId, groupGenerationId })).errorCode;

    test('P01 a member of an earlier generation may neither beat, nor sync, nor commit; a stranger is told that it is none', async () => {
      const groupId = `g-${topic}`;
      const { memberId, generationId } = await soleMember(groupId);
      expect(await heartbeat(groupId, memberId, generationId)).toBe(0);
      expect(await commit(groupId, memberId, generationId)).toBe(0);
      for (const wrong of [generationId - 1, generationId + 1]) {
        expect(await heartbeat(groupId, memberId, wrong)).toBe(kafkaError.ILLEGAL_GENERATION);
        expect(await sync(groupId, memberId, wrong)).toMatchObject({ errorCode: kafkaError.ILLEGAL_GENERATION });
        expect(await commit(groupId, memberId, wrong)).toBe(kafkaError.ILLEGAL_GENERATION);
      }
      expect(await heartbeat(groupId, 'stranger', generationId)).toBe(kafkaError.UNKNOWN_MEMBER_ID);
      expect(await sync(groupId, 'stranger', generationId)).toMatchObject({ errorCode: kafkaError.UNKNOWN_MEMBER_ID });
      expect(await commit(groupId, 'stranger', generationId)).toBe(kafkaError.UNKNOWN_MEMBER_ID);
      expect(await commit(groupId, '', -1)).toBe(kafkaError.UNKNOWN_MEMBER_ID);
      expect(await client.call('LeaveGroup', 2, { groupId, memberId })).toMatchObject({ errorCode: 0 });
      expect(await heartbeat(groupId, memberId, generationId)).toBe(kafkaError.UNKNOWN_MEMBER_ID);
      expect(await commit(groupId, '', -1)).toBe(0);
    });

    test('P01 members of a group in rebalance are told so at their next heartbeat, and keep what they committed', async () => {
      const groupId = `g-${topic}`;
      const first = await soleMember(groupId);
      await using newcomer = await protocolClient(broker.endpoint);
      const { memberId } = await newcomer.call<JoinAnswer>('JoinGroup', 5, joinRequest(groupId));
      const joining = newcomer.call<JoinAnswer>('JoinGroup', 5, joinRequest(groupId, memberId));
      await retried(async () => (await heartbeat(groupId, first.memberId, first.generationId)) === kafkaError.REBALANCE_IN_PROGRESS);
      expect(await commit(groupId, first.memberId, first.generationId)).toBe(0);
      const again = await client.call<JoinAnswer>('JoinGroup', 5, joinRequest(groupId, first.memberId));
      expect(again).toMatchObject({ errorCode: 0, generationId: first.generationId + 1 });
      expect(await joining).toMatchObject({ errorCode: 0, generationId: first.generationId + 1, leaderId: again.leaderId });
      expect(await commit(groupId, first.memberId, first.generationId)).toBe(kafkaError.ILLEGAL_GENERATION);
    });

    test('P01 joining: groups without a name, sessions out of bounds, members nobody knows, strategies nobody shares', async () => {
      const join = async (request: unknown): Promise<number> => (await client.call<JoinAnswer>('JoinGroup', 5, request)).errorCode;
      expect(await join(joinRequest(''))).toBe(kafkaError.INVALID_GROUP_ID);
      expect(await join(joinRequest(`g-${topic}`, '', { sessionTimeout: 99 }))).toBe(kafkaError.INVALID_SESSION_TIMEOUT);
      expect(await join(joinRequest(`g-${topic}`, '', { sessionTimeout: 30 * 60_000 + 1 }))).toBe(kafkaError.INVALID_SESSION_TIMEOUT);
      expect(await join(joinRequest(`nowhere-${topic}`, 'nobody'))).toBe(kafkaError.UNKNOWN_MEMBER_ID);
      await soleMember(`g-${topic}`);
      expect(await join(joinRequest(`g-${topic}`, '', { strategy: 'another' }))).toBe(kafkaError.INCONSISTENT_GROUP_PROTOCOL);
    });

    test('P01 commits: unknown partitions, long metadata, groups that do not exist', async () => {
      expect(await commit(`g-${topic}`, '', -1, { partition: 7 })).toBe(kafkaError.UNKNOWN_TOPIC_OR_PARTITION);
      expect(await commit(`g-${topic}`, '', -1, { metadata: 'x'.repeat(4097) })).toBe(kafkaError.OFFSET_METADATA_TOO_LARGE);
      // For clients of before there were groups.
      expect(await commit('', '', -1)).toBe(0);
      expect(await commit(`g-${topic}`, '', -1, { metadata: 'x'.repeat(4096) })).toBe(0);
      expect(await commit(`absent-${topic}`, 'm', 3)).toBe(kafkaError.ILLEGAL_GENERATION);
    });

    test('P01 offsets never committed are -1, and committing again goes back as well as forward', async () => {
      const groupId = `g-${topic}`;
      const stored = () => client.call('OffsetFetch', 4, { groupId, topics: [{ topic, partitions: [{ partition: 0 }, { partition: 1 }] }] });
      expect(await stored()).toMatchObject({ errorCode: 0, responses: [{ partitions: [{ offset: '-1', errorCode: 0 }, { offset: '-1', errorCode: 0 }] }] });
      for (const offset of ['9', '3', '0']) {
        await client.call('OffsetCommit', 5, { groupId, groupGenerationId: -1, memberId: '', topics: [{ topic, partitions: [{ partition: 0, offset, metadata: null }] }] });
        expect(await stored()).toMatchObject({ responses: [{ partitions: [{ partition: 0, offset }, { partition: 1, offset: '-1' }] }] });
      }
    });

    test('P01 fetching: offsets out of range and unknown partitions have each their error, at once', async () => {
      expect(await fetched(topic, { 0: 0 })).toEqual([[0, '0']]);
      expect(await fetched(topic, { 0: 1 })).toEqual([[0]]);
      expect(await fetched(topic, { 0: 2 })).toEqual([[kafkaError.OFFSET_OUT_OF_RANGE]]);
      expect(await fetched(topic, { 7: 0 })).toEqual([[kafkaError.UNKNOWN_TOPIC_OR_PARTITION]]);
      expect(await fetched(`absent-${topic}`, { 0: 0 })).toEqual([[kafkaError.UNKNOWN_TOPIC_OR_PARTITION]]);
    });

    test('P01 a long poll waits for its time where nothing comes, and for a message no longer than that takes', async () => {
      await using poller = await protocolClient(broker.endpoint);
      const poll = (maxWaitTime: number): Promise<FetchAnswer> => poller.call('Fetch', 11, fetchRequest(topic, { 0: 1, 1: 0 }, { maxWaitTime }));
      const startMs = performance.now();
      await poll(300);
      // Timers may be early by a millisecond.
      expect(performance.now() - startMs).toBeGreaterThanOrEqual(299);
      const waiting = poll(10_000);
      await produce(topic, ['news'], { partition: 1 });
      expect((await waiting).responses.flatMap(({ partitions }) => partitions.flatMap(({ messages }) => messages.map(({ value }) => String(value))))).toEqual(['news']);
      expect(performance.now() - startMs).toBeLessThan(8_000);
    });

    test('P01 producing: unknown partitions and topics, acks that are none', async () => {
      expect((await produce(topic, ['x'], { partition: 7 })).errorCode).toBe(kafkaError.UNKNOWN_TOPIC_OR_PARTITION);
      expect((await produce(`absent-${topic}`, ['x'])).errorCode).toBe(kafkaError.UNKNOWN_TOPIC_OR_PARTITION);
      expect((await produce(topic, ['x'], { acks: 7 })).errorCode).toBe(kafkaError.INVALID_REQUIRED_ACKS);
      expect((await produce(topic, ['x'])).baseOffset).toBe(1);
    });

    test('P01 a batch that an idempotent producer sends again is acknowledged with its first offset and stored once; a gap is refused', async () => {
      let producerId = '-1';
      // A new broker has no ids to give for a moment.
      await retried(async () => {
        const answer = await client.call<{ errorCode: number; producerId: string }>('InitProducerId', 1, { transactionalId: null, transactionTimeout: 0 });
        ({ producerId } = answer);
        return answer.errorCode === 0;
      });
      const send = (firstSequence: number) => produce(topic, ['a', 'b'], { producerId: Number(producerId), producerEpoch: 0, firstSequence, partition: 1 });
      expect([await send(0), await send(2), await send(2), await send(0)]).toEqual([0, 2, 2, 0].map((baseOffset) => ({ errorCode: 0, baseOffset })));
      expect((await send(9)).errorCode).toBe(kafkaError.OUT_OF_ORDER_SEQUENCE_NUMBER);
      expect((await fetched(topic, { 1: 0 })).flat()).toEqual([0, '0', '1', '2', '3']);
    });

    test('P01 creating topics: what exists, what is named twice, partitions and settings that cannot be', async () => {
      const create = async (...wanted: object[]): Promise<number[]> => (await client.call<TopicErrors>('CreateTopics', 3, { topics: wanted })).topicErrors.map(({ errorCode }) => errorCode);
      const more = { topic: `${topic}-more`, numPartitions: 1, replicationFactor: 1 };
      expect(await create({ ...more, topic })).toEqual([kafkaError.TOPIC_ALREADY_EXISTS]);
      expect(await create({ ...more, numPartitions: 0 })).toEqual([kafkaError.INVALID_PARTITIONS]);
      expect(await create({ ...more, replicationFactor: 2 })).toEqual([kafkaError.INVALID_REPLICATION_FACTOR]);
      expect(await create({ ...more, topic: 'no spaces allowed' })).toEqual([kafkaError.INVALID_TOPIC_EXCEPTION]);
      expect(await create({ ...more, configEntries: [{ name: 'retention.bytes', value: 'many' }] })).toEqual([kafkaError.INVALID_CONFIG]);
      expect(await create({ ...more, replicaAssignment: [{ partition: 0, replicas: [1] }] })).toEqual([kafkaError.INVALID_REQUEST]);
    });

    test('P01 a deleted topic takes its messages and the offsets committed for it along', async () => {
      const groupId = `g-${topic}`;
      expect(await commit(groupId, '', -1)).toBe(0);
      expect(await client.call('DeleteTopics', 1, { topics: [topic] })).toMatchObject({ topicErrors: [{ errorCode: 0 }] });
      await retried(async () => (await fetched(topic, { 0: 0 }))[0]?.[0] === kafkaError.UNKNOWN_TOPIC_OR_PARTITION);
      await retried(async () => (await client.call<TopicErrors>('CreateTopics', 3, { topics: [{ topic, numPartitions: 1, replicationFactor: 1 }] })).topicErrors[0]?.errorCode === 0);
      await retried(async () => {
        const { responses } = await client.call<{ responses: { partitions: { offset: string }[] }[] }>('OffsetFetch', 4, { groupId, topics: [{ topic, partitions: [{ partition: 0 }] }] });
        return responses[0]?.partitions[0]?.offset === '-1';
      });
      await retried(async () => (await produce(topic, ['anew'])).errorCode === 0);
      expect((await fetched(topic, { 0: 0 })).flat()).toEqual([0, '0']);
    });
  });
}

const RETRY_WITHIN_MS = 10_000;

/** Asks again until it holds: what one answer says another may know a moment later. */
async function retried(holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + RETRY_WITHIN_MS;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`still not so after ${RETRY_WITHIN_MS} ms: ${String(holds)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
