import { kafkaError } from '../protocol/kafka-error.ts';
import { defineMessage } from '../protocol/message.ts';

/**
 * DeleteTopics Request (1) => [topics] timeout_ms
 *   topics => STRING
 *   timeout_ms => INT32
 *
 * DeleteTopics Response (1) => throttle_time_ms [topics]
 *   throttle_time_ms => INT32
 *   topics => topic error_code
 *     topic => STRING
 *     error_code => INT16
 */
export const deleteTopics = defineMessage({
  apiKey: 20,
  name: 'DeleteTopics',
  minVersion: 1,
  maxVersion: 1,
  read: (reader) => {
    const topics = reader.array((element) => element.string());
    reader.int32();
    return topics;
  },
  handle: (names, { broker }) =>
    names.map((name) => {
      if (!broker.topics.delete(name)) return { name, error: kafkaError.UNKNOWN_TOPIC_OR_PARTITION };
      broker.groups.forgetTopic(name);
      return { name, error: kafkaError.NONE };
    }),
  write: (writer, topics) => {
    writer.int32(0).array(topics, ({ name, error }) => writer.string(name).int16(error));
  },
});
