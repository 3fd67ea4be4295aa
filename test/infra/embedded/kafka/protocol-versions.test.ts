import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startKafkaBroker, type RunningKafka } from '../../../../src/infra/embedded/kafka/broker.ts';
import { messages } from '../../../../src/infra/embedded/kafka/messages/index.ts';
import { codecs, fetchRequest, joinRequest, produceRequest, protocolClient, type JoinAnswer } from './protocol-client.ts';

/** For each message: what to ask with, and what any version of the answer has to hold. */
const topics = [{ topic: 'known', partitions: [{ partition: 0, timestamp: -1, offset: '1', metadata: 'm' }] }];
const cases: Readonly<Record<string, { readonly options: (version: number) => unknown; readonly answer: object }>> = {
  Produce: { options: () => produceRequest('sink', ['one']), answer: { topics: [{ topicName: 'sink', partitions: [{ partition: 0, errorCode: 0 }] }] } },
  Fetch: { options: () => fetchRequest('known', { 0: 0 }), answer: { responses: [{ topicName: 'known', partitions: [{ partition: 0, errorCode: 0, messages: [{ offset: '0' }] }] }] } },
  ListOffsets: { options: () => ({ topics }), answer: { responses: [{ topic: 'known', partitions: [{ partition: 0, errorCode: 0, offset: '1' }] }] } },
  Metadata: { options: () => ({ topics: ['known'] }), answer: { brokers: [{ nodeId: 1, host: '127.0.0.1' }], topicMetadata: [{ topic: 'known', topicErrorCode: 0, partitionMetadata: [{ partitionErrorCode: 0, partitionId: 0, leader: 1, replicas: [1], isr: [1] }] }] } },
  OffsetCommit: { options: () => ({ groupId: 'loner', groupGenerationId: -1, memberId: '', topics }), answer: { responses: [{ topic: 'known', partitions: [{ partition: 0, errorCode: 0 }] }] } },
  OffsetFetch: { options: () => ({ groupId: 'committed', topics }), answer: { responses: [{ topic: 'known', partitions: [{ partition: 0, offset: '1', metadata: 'm', errorCode: 0 }] }] } },
  GroupCoordinator: { options: () => ({ groupId: 'any' }), answer: { errorCode: 0, coordinator: { nodeId: 1, host: '127.0.0.1' } } },
  JoinGroup: { options: (version) => joinRequest(`joined-${version}`), answer: { memberId: expect.stringMatching(/^protocol-client-/) } },
  Heartbeat: { options: () => ({ groupId: 'absent', groupGenerationId: 1, memberId: 'nobody' }), answer: { errorCode: 25 } },
  LeaveGroup: { options: () => ({ groupId: 'absent', memberId: 'nobody' }), answer: {} },
  SyncGroup: { options: () => ({ groupId: 'absent', generationId: 1, memberId: 'nobody', groupAssignment: [{ memberId: 'nobody', memberAssignment: Buffer.from('a') }] }), answer: { errorCode: 25 } },
  DescribeGroups: { options: () => ({ groupIds: ['committed'] }), answer: { groups: [{ errorCode: 0, groupId: 'committed', state: 'Empty', members: [] }] } },
  ListGroups: { options: () => ({}), answer: { errorCode: 0, groups: expect.arrayContaining([expect.objectContaining({ groupId: 'committed' })]) } },
  ApiVersions: { options: () => ({}), answer: { errorCode: 0, apiVersions: expect.arrayContaining([{ apiKey: 18, minVersion: 0, maxVersion: 2 }]) } },
  CreateTopics: { options: () => ({ topics: [{ topic: 'known', numPartitions: 1, replicationFactor: 1 }] }), answer: { topicErrors: [{ topic: 'known', errorCode: 36 }] } },
  DeleteTopics: { options: () => ({ topics: ['unknown'] }), answer: { topicErrors: [{ topic: 'unknown', errorCode: 3 }] } },
  DeleteRecords: { options: () => ({ topics: [{ topic: 'known', partitions: [{ partition: 0, offset: '0' }] }] }), answer: { topics: [{ topic: 'known', partitions: [{ partition: 0, lowWatermark: expect.anything(), errorCode: 0 }] }] } },
  InitProducerId: { options: () => ({ transactionalId: null, transactionTimeout: 0 }), answer: { errorCode: 0, producerEpoch: 0 } },
  DescribeConfigs: { options: () => ({ resources: [{ type: 2, name: 'known', configNames: ['cleanup.policy'] }] }), answer: { resources: [{ errorCode: 0, resourceName: 'known', configEntries: [{ configName: 'cleanup.policy', configValue: 'delete' }] }] } },
  CreatePartitions: { options: () => ({ topicPartitions: [{ topic: 'known', count: 1 }] }), answer: { topicErrors: [{ topic: 'known', errorCode: 37 }] } },
  DeleteGroups: { options: () => ['absent'], answer: { results: [{ groupId: 'absent', errorCode: 69 }] } },
};

/** kafkajs calls one message by its old name. */
const kafkajsName = (name: string): string => (name === 'FindCoordinator' ? 'GroupCoordinator' : name);

describe('protocol versions', () => {
  let broker: RunningKafka;

  beforeAll(async () => {
    broker = await startKafkaBroker({ listeners: [{ name: 'direct' }], initialRebalanceDelayMs: 0 });
    await using client = await protocolClient(broker.address('direct'));
    await client.call('CreateTopics', 2, { topics: ['known', 'sink'].map((topic) => ({ topic, numPartitions: 1, replicationFactor: 1 })) });
    await client.call('Produce', 7, produceRequest('known', ['zero']));
    await client.call('OffsetCommit', 5, { groupId: 'committed', groupGenerationId: -1, memberId: '', topics });
  });

  afterAll(() => broker.close());

  test('P01 the registry has a case for each message here, and each version range is sound', () => {
    expect(messages.map(({ name }) => kafkajsName(name)).toSorted()).toEqual(Object.keys(cases).toSorted());
    expect(new Set(messages.map(({ apiKey }) => apiKey)).size).toBe(messages.length);
  });

  for (const { name, apiKey, minVersion, maxVersion } of messages) {
    const { options, answer } = cases[kafkajsName(name)] as { options: (version: number) => unknown; answer: object };
    const versions = codecs[kafkajsName(name)]?.versions.map(Number) ?? [];

    test(`P01 ${name}: the highest version is the highest of kafkajs`, () => {
      expect(maxVersion).toBe(Math.max(...versions));
    });

    for (const version of versions.filter((candidate) => candidate >= minVersion)) {
      test(`P01 ${name} v${version} is read and answered as kafkajs expects`, async () => {
        await using client = await protocolClient(broker.address('direct'));
        expect(await client.call(kafkajsName(name), version, options(version))).toMatchObject(answer);
        expect(codecs[kafkajsName(name)]?.protocol({ version })(options(version)).request.apiKey).toBe(apiKey);
      });
    }
  }

  test('P01 a newcomer is given its id first from JoinGroup v4 on, and admitted at once before', async () => {
    await using old = await protocolClient(broker.address('direct'));
    expect(await old.call<JoinAnswer>('JoinGroup', 3, joinRequest('old'))).toMatchObject({ errorCode: 0, generationId: 1 });
    await using young = await protocolClient(broker.address('direct'));
    const { errorCode, memberId } = await young.call<JoinAnswer>('JoinGroup', 5, joinRequest('young'));
    expect(errorCode).toBe(79);
    expect(await young.call<JoinAnswer>('JoinGroup', 5, joinRequest('young', memberId))).toMatchObject({ errorCode: 0, generationId: 1, memberId, leaderId: memberId, members: [{ memberId }] });
  });
});
