import { kafkaError, type KafkaErrorCode } from '../protocol/kafka-error.ts';
import { defineMessage, type RequestContext } from '../protocol/message.ts';

const NO_ACKNOWLEDGEMENT = 0;
const ACKNOWLEDGEMENTS: ReadonlySet<number> = new Set([-1, NO_ACKNOWLEDGEMENT, 1]);

interface PartitionOutcome {
  readonly index: number;
  readonly error: KafkaErrorCode;
  readonly baseOffset: number;
  readonly logStartOffset: number;
}

/**
 * Produce Request (3-7) => transactional_id acks timeout_ms [topics]
 *   transactional_id => NULLABLE_STRING
 *   acks => INT16                             0: no answer at all, 1: leader, -1: all replicas (here the same)
 *   timeout_ms => INT32
 *   topics => topic [partitions]
 *     topic => STRING
 *     partitions => partition record_set
 *       partition => INT32
 *       record_set => NULLABLE_BYTES          one record batch
 *
 * Produce Response (3-7) => [topics] throttle_time_ms
 *   topics => topic [partitions]
 *     topic => STRING
 *     partitions => partition error_code base_offset log_append_time log_start_offset(5+)
 *       partition => INT32
 *       error_code => INT16
 *       base_offset => INT64
 *       log_append_time => INT64              -1: the records keep the producer's timestamps
 *       log_start_offset => INT64
 *   throttle_time_ms => INT32
 */
export const produce = defineMessage({
  apiKey: 0,
  name: 'Produce',
  minVersion: 3,
  maxVersion: 7,
  read: (reader) => {
    const transactionalId = reader.nullableString();
    const acks = reader.int16();
    reader.int32();
    const topics = reader.array(() => ({ name: reader.string(), partitions: reader.array(() => ({ index: reader.int32(), recordSet: reader.nullableBytes() })) }));
    return { transactionalId, acks, topics };
  },
  handle: ({ transactionalId, acks, topics }, context) => {
    const refused = refusal(transactionalId, acks);
    const outcomes = topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ index, recordSet }) => (refused === undefined ? append(name, index, recordSet, context) : failed(index, refused))),
    }));
    if (acks !== NO_ACKNOWLEDGEMENT) return outcomes;
    // A producer that waits for no answer can be told of a failure only by hanging up; it then looks at its metadata again.
    if (outcomes.some(({ partitions }) => partitions.some(({ error }) => error !== kafkaError.NONE))) context.disconnect();
    return undefined;
  },
  write: (writer, topics, version) => {
    writer.array(topics, ({ name, partitions }) => {
      writer.string(name).array(partitions, ({ index, error, baseOffset, logStartOffset }) => {
        writer.int32(index).int16(error).int64(baseOffset).int64(-1);
        if (version >= 5) writer.int64(logStartOffset);
      });
    });
    writer.int32(0);
  },
});

/** What is wrong with the request as a whole. */
function refusal(transactionalId: string | null, acks: number): KafkaErrorCode | undefined {
  if (!ACKNOWLEDGEMENTS.has(acks)) return kafkaError.INVALID_REQUIRED_ACKS;
  return transactionalId === null ? undefined : kafkaError.INVALID_TXN_STATE;
}

function append(name: string, index: number, recordSet: Buffer | null, { broker }: RequestContext): PartitionOutcome {
  const topic = broker.topics.find(name);
  const partition = topic?.partitions[index];
  if (topic === undefined || partition === undefined) return failed(index, kafkaError.UNKNOWN_TOPIC_OR_PARTITION);
  if (recordSet === null) return failed(index, kafkaError.INVALID_RECORD);
  const result = broker.topics.append(topic, partition, recordSet);
  return result.ok ? { index, error: kafkaError.NONE, baseOffset: result.baseOffset, logStartOffset: partition.log.startOffset } : failed(index, result.error);
}

function failed(index: number, error: KafkaErrorCode): PartitionOutcome {
  return { index, error, baseOffset: -1, logStartOffset: -1 };
}
