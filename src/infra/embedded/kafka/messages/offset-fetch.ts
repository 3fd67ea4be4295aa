import { kafkaError } from '../protocol/kafka-error.ts';
import { defineMessage } from '../protocol/message.ts';

const NOTHING_COMMITTED = { offset: -1, metadata: '' };

/**
 * OffsetFetch Request (1) => group_id [topics]
 *                   (2-4) => group_id NULLABLE [topics]       null: all that the group has committed
 *   group_id => STRING
 *   topics => topic [partitions]
 *     topic => STRING
 *     partitions => INT32
 *
 * OffsetFetch Response (1-4) => throttle_time_ms(3+) [topics] error_code(2+)
 *   throttle_time_ms => INT32
 *   topics => topic [partitions]
 *     topic => STRING
 *     partitions => partition offset metadata error_code
 *       partition => INT32
 *       offset => INT64                       -1: nothing committed
 *       metadata => NULLABLE_STRING
 *       error_code => INT16
 *   error_code => INT16
 */
export const offsetFetch = defineMessage({
  apiKey: 9,
  name: 'OffsetFetch',
  minVersion: 1,
  maxVersion: 4,
  read: (reader, version) => {
    const groupId = reader.string();
    const readTopic = (): { topic: string; partitions: readonly number[] } => ({ topic: reader.string(), partitions: reader.array(() => reader.int32()) });
    return { groupId, topics: version >= 2 ? reader.nullableArray(readTopic) : reader.array(readTopic) };
  },
  handle: ({ groupId, topics }, { broker }) => {
    const offsets = broker.groups.committedOffsets(groupId);
    return (topics ?? offsets?.topics ?? []).map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map((index) => ({ index, ...(offsets?.find(topic, index) ?? NOTHING_COMMITTED) })),
    }));
  },
  write: (writer, topics, version) => {
    if (version >= 3) writer.int32(0);
    writer.array(topics, ({ topic, partitions }) => {
      writer.string(topic).array(partitions, ({ index, offset, metadata }) => writer.int32(index).int64(offset).string(metadata).int16(kafkaError.NONE));
    });
    if (version >= 2) writer.int16(kafkaError.NONE);
  },
});
