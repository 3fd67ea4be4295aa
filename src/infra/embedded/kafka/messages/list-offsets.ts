import type { PartitionLog } from '../log/partition-log.ts';
import { kafkaError } from '../protocol/kafka-error.ts';
import { defineMessage } from '../protocol/message.ts';

const LATEST = -1;
const EARLIEST = -2;
const NO_TIMESTAMP = -1;
const NO_OFFSET = -1;

/**
 * ListOffsets Request (1-3) => replica_id isolation_level(2+) [topics]
 *   replica_id => INT32
 *   isolation_level => INT8
 *   topics => topic [partitions]
 *     topic => STRING
 *     partitions => partition timestamp
 *       partition => INT32
 *       timestamp => INT64                    -1: the end, -2: the start, else the first record that is not older
 *
 * ListOffsets Response (1-3) => throttle_time_ms(2+) [topics]
 *   throttle_time_ms => INT32
 *   topics => topic [partitions]
 *     topic => STRING
 *     partitions => partition error_code timestamp offset
 *       partition => INT32
 *       error_code => INT16
 *       timestamp, offset => INT64            -1: no such record
 */
export const listOffsets = defineMessage({
  apiKey: 2,
  name: 'ListOffsets',
  minVersion: 1,
  maxVersion: 3,
  read: (reader, version) => {
    reader.int32();
    if (version >= 2) reader.int8();
    return reader.array(() => ({ name: reader.string(), partitions: reader.array(() => ({ index: reader.int32(), timestampMs: reader.int64() })) }));
  },
  handle: (topics, { broker }) =>
    topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ index, timestampMs }) => {
        const log = broker.topics.findPartition(name, index)?.log;
        if (log === undefined) return { index, error: kafkaError.UNKNOWN_TOPIC_OR_PARTITION, timestampMs: NO_TIMESTAMP, offset: NO_OFFSET };
        return { index, error: kafkaError.NONE, ...locate(log, timestampMs) };
      }),
    })),
  write: (writer, topics, version) => {
    if (version >= 2) writer.int32(0);
    writer.array(topics, ({ name, partitions }) => {
      writer.string(name).array(partitions, ({ index, error, timestampMs, offset }) => writer.int32(index).int16(error).int64(timestampMs).int64(offset));
    });
  },
});

function locate(log: PartitionLog, timestampMs: number): { readonly timestampMs: number; readonly offset: number } {
  if (timestampMs === LATEST) return { timestampMs: NO_TIMESTAMP, offset: log.endOffset };
  if (timestampMs === EARLIEST) return { timestampMs: NO_TIMESTAMP, offset: log.startOffset };
  return log.offsetForTimestamp(timestampMs) ?? { timestampMs: NO_TIMESTAMP, offset: NO_OFFSET };
}
