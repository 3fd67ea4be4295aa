import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startKafkaBroker, type RunningKafka } from '../../../../src/infra/embedded/kafka/broker.ts';
import { kafkaError } from '../../../../src/infra/embedded/kafka/protocol/kafka-error.ts';
import { VirtualClock } from '../../../helpers/virtual-clock.ts';
import { fetchRequest, joinRequest, produceRequest, protocolClient, type JoinAnswer, type ProtocolClient } from './protocol-client.ts';

interface TopicErrors {
  readonly topicErrors: readonly { readonly errorCode: number; readonly errorMessage?: string | null }[];
}

describe('messages', () => {
  const clock = new VirtualClock();
  let broker: RunningKafka;
  let client: ProtocolClient;
  let topic: string;
  let topics = 0;

  beforeAll(async () => {
    broker = await startKafkaBroker({ listeners: [{ name: 'direct' }], clock, initialRebalanceDelayMs: 0, defaultPartitions: 3 });
    client = await protocolClient(broker.address('direct'));
  });

  afterAll(() => broker.close());

  beforeEach(async () => {
    topic = `topic-${++topics}`;
    await client.call('CreateTopics', 3, { topics: [{ topic, numPartitions: 1, replicationFactor: 1 }] });
  });

  const create = async (settings: object, validateOnly = false): Promise<number | undefined> =>
    (await client.call<TopicErrors>('CreateTopics', 3, { topics: [{ topic: `${topic}-more`, ...settings }], validateOnly })).topicErrors[0]?.errorCode;

  const describeTopic = async (name: string, allowAutoTopicCreation: boolean): Promise<{ readonly topicErrorCode: number; readonly partitionMetadata: readonly unknown[] } | undefined> =>
    (await client.call<{ topicMetadata: { topicErrorCode: number; partitionMetadata: unknown[] }[] }>('Metadata', 6, { topics: [name], allowAutoTopicCreation })).topicMetadata[0];

  const partitionCount = async (name: string): Promise<number | undefined> => (await describeTopic(name, false))?.partitionMetadata.length;

  const listedGroups = async (): Promise<string[]> => (await client.call<{ groups: { groupId: string }[] }>('ListGroups', 2, {})).groups.map(({ groupId }) => groupId);

  const join = async (request: unknown): Promise<number> => (await client.call<JoinAnswer>('JoinGroup', 5, request)).errorCode;

  const commit = async (groupId: string, offset: string, metadata = '', partition = 0): Promise<number | undefined> => {
    const { responses } = await client.call<{ responses: { partitions: { errorCode: number }[] }[] }>('OffsetCommit', 5, {
      groupId,
      groupGenerationId: -1,
      memberId: '',
      topics: [{ topic, partitions: [{ partition, offset, metadata }] }],
    });
    return responses[0]?.partitions[0]?.errorCode;
  };

  test('P01 Metadata makes topics with the default number of partitions, unless the client forbids it or the name is wrong', async () => {
    expect(await describeTopic('made', false)).toMatchObject({ topicErrorCode: kafkaError.UNKNOWN_TOPIC_OR_PARTITION, partitionMetadata: [] });
    expect(await describeTopic('made', true)).toMatchObject({ topicErrorCode: 0, partitionMetadata: [{ partitionId: 0 }, { partitionId: 1 }, { partitionId: 2 }] });
    expect(await describeTopic('../escape', true)).toMatchObject({ topicErrorCode: kafkaError.INVALID_TOPIC_EXCEPTION });
  });

  test('P01 CreateTopics: validate only makes nothing; each wrong setting has its error', async () => {
    expect(await create({ numPartitions: 2 }, true)).toBe(0);
    expect(await partitionCount(`${topic}-more`)).toBe(0);
    expect(await create({ numPartitions: 1001 })).toBe(kafkaError.INVALID_PARTITIONS);
    expect(await create({ configEntries: [{ name: 'cleanup.policy', value: 'compact' }] })).toBe(kafkaError.INVALID_CONFIG);
    expect(await create({ configEntries: [{ name: 'retention.bytes', value: 'many' }] })).toBe(kafkaError.INVALID_CONFIG);
    expect(await create({ numPartitions: 2, replicaAssignment: [{ partition: 0, replicas: [1] }] })).toBe(kafkaError.INVALID_REQUEST);
    expect(await create({ replicaAssignment: [{ partition: 1, replicas: [1] }] })).toBe(kafkaError.INVALID_REPLICA_ASSIGNMENT);
    expect(await create({ replicaAssignment: [{ partition: 0, replicas: [2] }] })).toBe(kafkaError.INVALID_REPLICA_ASSIGNMENT);
    const twice = await client.call<TopicErrors>('CreateTopics', 3, { topics: [{ topic: 'twin' }, { topic: 'twin' }] });
    expect(twice.topicErrors.map(({ errorCode }) => errorCode)).toEqual([kafkaError.INVALID_REQUEST, kafkaError.INVALID_REQUEST]);
    expect(await create({ replicaAssignment: [0, 1].map((partition) => ({ partition, replicas: [1] })) })).toBe(0);
    expect(await partitionCount(`${topic}-more`)).toBe(2);
  });

  test('P01 DescribeConfigs tells what a topic was made with; max.message.bytes is kept to', async () => {
    await create({ numPartitions: 1, configEntries: [{ name: 'max.message.bytes', value: '200' }] });
    const described = await client.call('DescribeConfigs', 2, { resources: [{ type: 2, name: `${topic}-more`, configNames: ['max.message.bytes', 'cleanup.policy'] }] });
    expect(described).toMatchObject({
      resources: [
        {
          errorCode: 0,
          configEntries: [
            { configName: 'cleanup.policy', configValue: 'delete', isDefault: true },
            { configName: 'max.message.bytes', configValue: '200', isDefault: false },
          ],
        },
      ],
    });
    expect(await client.call('Produce', 7, produceRequest(`${topic}-more`, ['x'.repeat(200)]))).toMatchObject({ topics: [{ partitions: [{ errorCode: kafkaError.MESSAGE_TOO_LARGE }] }] });
    const wrong = await client.call('DescribeConfigs', 2, { resources: [{ type: 2, name: 'absent' }, { type: 4, name: '1' }, { type: 4, name: '2' }, { type: 9, name: 'x' }] });
    expect(wrong).toMatchObject({ resources: [kafkaError.UNKNOWN_TOPIC_OR_PARTITION, 0, kafkaError.INVALID_REQUEST, kafkaError.INVALID_REQUEST].map((errorCode) => ({ errorCode })) });
  });

  test('P01 OffsetCommit refuses unknown partitions, long metadata and a generation without a group, and takes a group without a name', async () => {
    expect(await commit(`g-${topic}`, '5', '', 7)).toBe(kafkaError.UNKNOWN_TOPIC_OR_PARTITION);
    expect(await commit(`g-${topic}`, '5', 'x'.repeat(4097))).toBe(kafkaError.OFFSET_METADATA_TOO_LARGE);
    expect(await commit('', '5')).toBe(0);
    expect(await commit(`g-${topic}`, '5', 'x'.repeat(4096))).toBe(0);
    const late = await client.call('OffsetCommit', 5, { groupId: 'absent', groupGenerationId: 3, memberId: 'm', topics: [{ topic, partitions: [{ partition: 0, offset: '1' }] }] });
    expect(late).toMatchObject({ responses: [{ partitions: [{ errorCode: kafkaError.ILLEGAL_GENERATION }] }] });
  });

  test('P01 a deleted topic takes the offsets committed for it along', async () => {
    const groupId = `g-${topic}`;
    const all = () => client.call('OffsetFetch', 4, { groupId, topics: [] });
    await commit(groupId, '5');
    expect(await client.call('OffsetFetch', 4, { groupId, topics: [{ topic, partitions: [{ partition: 0 }] }] })).toMatchObject({ responses: [{ partitions: [{ offset: '5' }] }] });
    await client.call('DeleteTopics', 1, { topics: [topic] });
    await client.call('CreateTopics', 3, { topics: [{ topic, numPartitions: 1 }] });
    expect(await all()).toMatchObject({ responses: [] });
    expect(await client.call('OffsetFetch', 4, { groupId, topics: [{ topic, partitions: [{ partition: 0 }] }] })).toMatchObject({ responses: [{ partitions: [{ offset: '-1', errorCode: 0 }] }] });
  });

  test('P01 ListOffsets: after everything was deleted start and end are one, and no time is found', async () => {
    await client.call('Produce', 7, produceRequest(topic, ['a', 'b', 'c']));
    expect(await client.call('DeleteRecords', 1, { topics: [{ topic, partitions: [{ partition: 0, offset: '-1' }] }] })).toMatchObject({ topics: [{ partitions: [{ errorCode: 0 }] }] });
    const find = async (timestamp: number): Promise<unknown> => (await client.call<{ responses: { partitions: { offset: string }[] }[] }>('ListOffsets', 3, { topics: [{ topic, partitions: [{ partition: 0, timestamp }] }] })).responses[0]?.partitions[0]?.offset;
    expect([await find(-2), await find(-1), await find(0)]).toEqual(['3', '3', '-1']);
    expect(await client.call('DeleteRecords', 1, { topics: [{ topic, partitions: [{ partition: 0, offset: '4' }] }] })).toMatchObject({ topics: [{ partitions: [{ errorCode: kafkaError.OFFSET_OUT_OF_RANGE }] }] });
  });

  test('P01 CreatePartitions: growing is the only direction, and validate only changes nothing', async () => {
    const grow = async (count: number, validateOnly = false): Promise<number | undefined> => (await client.call<TopicErrors>('CreatePartitions', 1, { topicPartitions: [{ topic, count }], validateOnly })).topicErrors[0]?.errorCode;
    expect([await grow(1), await grow(1001), await grow(4, true)]).toEqual([kafkaError.INVALID_PARTITIONS, kafkaError.INVALID_PARTITIONS, 0]);
    expect(await partitionCount(topic)).toBe(1);
    expect([await grow(4), await partitionCount(topic)]).toEqual([0, 4]);
  });

  test('P01 what this broker does not have is refused: transactions, fetch sessions', async () => {
    expect(await client.call('GroupCoordinator', 2, { groupId: 'tx', coordinatorType: 1 })).toMatchObject({ errorCode: kafkaError.INVALID_REQUEST });
    expect(await client.call('InitProducerId', 1, { transactionalId: 'tx', transactionTimeout: 1000 })).toMatchObject({ errorCode: kafkaError.INVALID_REQUEST, producerId: '-1' });
    const produced = await client.call('Produce', 7, { ...(produceRequest(topic, ['x']) as object), transactionalId: 'tx' });
    expect(produced).toMatchObject({ topics: [{ partitions: [{ errorCode: kafkaError.INVALID_TXN_STATE }] }] });
    expect(await client.call('Fetch', 11, { ...(fetchRequest(topic, { 0: 0 }) as object), sessionId: 5, sessionEpoch: 1 })).toMatchObject({ errorCode: kafkaError.FETCH_SESSION_ID_NOT_FOUND });
  });

  test('P01 JoinGroup refuses groups without a name, sessions out of bounds and members nobody knows', async () => {
    expect(await join(joinRequest(''))).toBe(kafkaError.INVALID_GROUP_ID);
    expect(await join(joinRequest('g', '', { sessionTimeout: 99 }))).toBe(kafkaError.INVALID_SESSION_TIMEOUT);
    expect(await join(joinRequest('g', '', { sessionTimeout: 30 * 60_000 + 1 }))).toBe(kafkaError.INVALID_SESSION_TIMEOUT);
    expect(await join(joinRequest('nowhere', 'nobody'))).toBe(kafkaError.UNKNOWN_MEMBER_ID);
  });

  test('P01 a group that was asked about and never joined is forgotten, one with offsets is not', async () => {
    expect(await join(joinRequest('fleeting'))).toBe(kafkaError.MEMBER_ID_REQUIRED);
    expect(await join(joinRequest('lasting'))).toBe(kafkaError.MEMBER_ID_REQUIRED);
    await commit('lasting', '1');
    expect(await listedGroups()).toEqual(expect.arrayContaining(['fleeting', 'lasting']));
    await clock.advance(10_000);
    expect(await listedGroups()).not.toContain('fleeting');
    expect(await listedGroups()).toContain('lasting');
    expect(clock.pendingTimers).toBe(0);
  });
});
