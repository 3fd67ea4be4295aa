import { kafkaError } from '../protocol/kafka-error.ts';
import { defineMessage } from '../protocol/message.ts';

/**
 * CreatePartitions Request (0-1) => [topics] timeout_ms validate_only
 *   topics => topic count NULLABLE [assignments]
 *     topic => STRING
 *     count => INT32                          the new total
 *     assignments => [replicas]               of the new partitions; there is only one broker to choose
 *       replicas => INT32
 *   timeout_ms => INT32
 *   validate_only => BOOLEAN
 *
 * CreatePartitions Response (0-1) => throttle_time_ms [topics]
 *   throttle_time_ms => INT32
 *   topics => topic error_code error_message
 *     topic => STRING
 *     error_code => INT16
 *     error_message => NULLABLE_STRING
 */
export const createPartitions = defineMessage({
  apiKey: 37,
  name: 'CreatePartitions',
  minVersion: 0,
  maxVersion: 1,
  read: (reader) => {
    const topics = reader.array(() => {
      const name = reader.string();
      const count = reader.int32();
      reader.nullableArray(() => reader.nullableArray(() => reader.int32()));
      return { name, count };
    });
    reader.int32();
    return { topics, validateOnly: reader.boolean() };
  },
  handle: ({ topics, validateOnly }, { broker }) =>
    topics.map(({ name, count }) => {
      const topic = broker.topics.find(name);
      if (topic === undefined) return { name, error: kafkaError.UNKNOWN_TOPIC_OR_PARTITION, message: null };
      const problem = broker.topics.growthProblem(topic, count);
      if (problem !== undefined) return { name, error: problem, message: `the topic has ${topic.partitions.length} partitions; the new total must be larger, and at most 1000` };
      if (!validateOnly) broker.topics.grow(topic, count);
      return { name, error: kafkaError.NONE, message: null };
    }),
  write: (writer, topics) => {
    writer.int32(0).array(topics, ({ name, error, message }) => writer.string(name).int16(error).string(message));
  },
});
