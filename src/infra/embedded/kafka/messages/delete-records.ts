import { kafkaError } from '../protocol/kafka-error.ts';
import { defineMessage } from '../protocol/message.ts';

const UP_TO_HIGH_WATERMARK = -1;

/**
 * DeleteRecords Request (0-1) => [topics] timeout_ms
 *   topics => topic [partitions]
 *     topic => STRING
 *     partitions => partition offset
 *       partition => INT32
 *       offset => INT64                       the first one kept; -1: none is kept
 *   timeout_ms => INT32
 *
 * DeleteRecords Response (0-1) => throttle_time_ms [topics]
 *   throttle_time_ms => INT32
 *   topics => topic [partitions]
 *     topic => STRING
 *     partitions => partition low_watermark error_code
 *       partition => INT32
 *       low_watermark => INT64
 *       error_code => INT16
 */
export const deleteRecords = defineMessage({
  apiKey: 21,
  name: 'DeleteRecords',
  minVersion: 0,
  maxVersion: 1,
  read: (reader) => {
    const topics = reader.array(() => ({ name: reader.string(), partitions: reader.array(() => ({ index: reader.int32(), offset: reader.int64() })) }));
    reader.int32();
    return topics;
  },
  handle: (topics, { broker }) =>
    topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ index, offset }) => {
        const partition = broker.topics.findPartition(name, index);
        if (partition === undefined) return { index, lowWatermark: -1, error: kafkaError.UNKNOWN_TOPIC_OR_PARTITION };
        const target = offset === UP_TO_HIGH_WATERMARK ? partition.log.endOffset : offset;
        if (target < 0 || target > partition.log.endOffset) return { index, lowWatermark: -1, error: kafkaError.OFFSET_OUT_OF_RANGE };
        broker.topics.deleteRecordsBefore(partition, target);
        return { index, lowWatermark: partition.log.startOffset, error: kafkaError.NONE };
      }),
    })),
  write: (writer, topics) => {
    writer.int32(0).array(topics, ({ name, partitions }) => {
      writer.string(name).array(partitions, ({ index, lowWatermark, error }) => writer.int32(index).int64(lowWatermark).int16(error));
    });
  },
});
