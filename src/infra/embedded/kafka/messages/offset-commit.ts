import type { CommittedOffsets } from '../groups/committed-offsets.ts';
import type { TopicStore } from '../log/topic-store.ts';
import { kafkaError, type KafkaErrorCode } from '../protocol/kafka-error.ts';
import { defineMessage } from '../protocol/message.ts';

/** Kafka's default of `offset.metadata.max.bytes`. */
const MAX_METADATA_BYTES = 4096;

interface PartitionCommit {
  readonly index: number;
  readonly offset: number;
  readonly metadata: string;
}

/**
 * OffsetCommit Request (2-5) => group_id generation_id member_id retention_time_ms(2-4) [topics]
 *   group_id => STRING
 *   generation_id => INT32                    -1: the client assigns partitions itself
 *   member_id => STRING
 *   retention_time_ms => INT64                offsets are kept as long as the broker runs
 *   topics => topic [partitions]
 *     topic => STRING
 *     partitions => partition offset metadata
 *       partition => INT32
 *       offset => INT64
 *       metadata => NULLABLE_STRING
 *
 * OffsetCommit Response (2-5) => throttle_time_ms(3+) [topics]
 *   throttle_time_ms => INT32
 *   topics => topic [partitions]
 *     topic => STRING
 *     partitions => partition error_code
 *       partition => INT32
 *       error_code => INT16
 */
export const offsetCommit = defineMessage({
  apiKey: 8,
  name: 'OffsetCommit',
  minVersion: 2,
  maxVersion: 5,
  read: (reader, version) => {
    const groupId = reader.string();
    const generation = reader.int32();
    const memberId = reader.string();
    if (version <= 4) reader.int64();
    const readCommit = (): PartitionCommit => ({ index: reader.int32(), offset: reader.int64(), metadata: reader.nullableString() ?? '' });
    const topics = reader.array(() => ({ name: reader.string(), partitions: reader.array(readCommit) }));
    return { groupId, generation, memberId, topics };
  },
  handle: ({ groupId, generation, memberId, topics }, { broker }) => {
    const offsets = broker.groups.offsetsForCommit(groupId, memberId, generation);
    return topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map((commit) => ({ index: commit.index, error: typeof offsets === 'number' ? offsets : store(name, commit, offsets, broker.topics) })),
    }));
  },
  write: (writer, topics, version) => {
    if (version >= 3) writer.int32(0);
    writer.array(topics, ({ name, partitions }) => writer.string(name).array(partitions, ({ index, error }) => writer.int32(index).int16(error)));
  },
});

function store(topic: string, { index, offset, metadata }: PartitionCommit, offsets: CommittedOffsets, topics: TopicStore): KafkaErrorCode {
  if (topics.findPartition(topic, index) === undefined) return kafkaError.UNKNOWN_TOPIC_OR_PARTITION;
  if (Buffer.byteLength(metadata) > MAX_METADATA_BYTES) return kafkaError.OFFSET_METADATA_TOO_LARGE;
  offsets.commit(topic, index, { offset, metadata });
  return kafkaError.NONE;
}
