import { NODE_ID } from '../broker-state.ts';
import { topicConfigProblem, type TopicConfig } from '../log/topic-config.ts';
import type { TopicStore } from '../log/topic-store.ts';
import { kafkaError, type KafkaErrorCode } from '../protocol/kafka-error.ts';
import { defineMessage } from '../protocol/message.ts';
import type { Reader } from '../protocol/reader.ts';

interface NewTopic {
  readonly name: string;
  readonly partitionCount: number;
  readonly replicationFactor: number;
  readonly assignments: readonly { readonly partition: number; readonly replicas: readonly number[] }[];
  readonly configs: readonly { readonly name: string; readonly value: string | null }[];
}

interface Outcome {
  readonly name: string;
  readonly error: KafkaErrorCode;
  readonly message: string | null;
}

/**
 * CreateTopics Request (2-3) => [topics] timeout_ms validate_only
 *   topics => topic num_partitions replication_factor [assignments] [configs]
 *     topic => STRING
 *     num_partitions => INT32                 -1: the broker's default, or as assigned
 *     replication_factor => INT16             -1: the broker's default
 *     assignments => partition [replicas]
 *       partition, replicas => INT32
 *     configs => name value
 *       name => STRING
 *       value => NULLABLE_STRING
 *   timeout_ms => INT32
 *   validate_only => BOOLEAN
 *
 * CreateTopics Response (2-3) => throttle_time_ms [topics]
 *   throttle_time_ms => INT32
 *   topics => topic error_code error_message
 *     topic => STRING
 *     error_code => INT16
 *     error_message => NULLABLE_STRING
 */
export const createTopics = defineMessage({
  apiKey: 19,
  name: 'CreateTopics',
  minVersion: 2,
  maxVersion: 3,
  read: (reader) => {
    const topics = reader.array(readTopic);
    reader.int32();
    return { topics, validateOnly: reader.boolean() };
  },
  handle: ({ topics, validateOnly }, { broker }) => topics.map((topic): Outcome => {
    const namesakes = topics.filter(({ name }) => name === topic.name).length;
    const problem = namesakes > 1 ? ([kafkaError.INVALID_REQUEST, 'the topic is named more than once in the request'] as const) : problemOf(topic, broker.topics);
    if (problem !== undefined) return { name: topic.name, error: problem[0], message: problem[1] };
    if (!validateOnly) broker.topics.create(topic.name, requestedPartitions(topic), configOf(topic));
    return { name: topic.name, error: kafkaError.NONE, message: null };
  }),
  write: (writer, outcomes) => {
    writer.int32(0).array(outcomes, ({ name, error, message }) => writer.string(name).int16(error).string(message));
  },
});

function readTopic(reader: Reader): NewTopic {
  return {
    name: reader.string(),
    partitionCount: reader.int32(),
    replicationFactor: reader.int16(),
    assignments: reader.nullableArray(() => ({ partition: reader.int32(), replicas: reader.array(() => reader.int32()) })) ?? [],
    configs: reader.nullableArray(() => ({ name: reader.string(), value: reader.nullableString() })) ?? [],
  };
}

function problemOf(topic: NewTopic, topics: TopicStore): readonly [KafkaErrorCode, string] | undefined {
  const problem = topics.creationProblem(topic.name, requestedPartitions(topic));
  if (problem === kafkaError.TOPIC_ALREADY_EXISTS) return [problem, `topic ${topic.name} exists already`];
  if (problem === kafkaError.INVALID_PARTITIONS) return [problem, `${topic.partitionCount} partitions; 1 to 1000 are possible, -1 for the default`];
  if (problem !== undefined) return [problem, 'a topic name has 1 to 249 characters out of a-z A-Z 0-9 . _ - and is not . or ..'];
  if (topic.assignments.length > 0) return assignmentProblem(topic);
  if (topic.replicationFactor !== -1 && topic.replicationFactor !== 1) return [kafkaError.INVALID_REPLICATION_FACTOR, `replication factor ${topic.replicationFactor}; there is one broker`];
  return configProblem(topic);
}

function assignmentProblem(topic: NewTopic): readonly [KafkaErrorCode, string] | undefined {
  if (topic.partitionCount !== -1 || topic.replicationFactor !== -1) return [kafkaError.INVALID_REQUEST, 'give either assignments or counts, not both'];
  const partitions = topic.assignments.map(({ partition }) => partition).toSorted((left, right) => left - right);
  const isComplete = partitions.every((partition, index) => partition === index);
  const isHere = topic.assignments.every(({ replicas }) => replicas.length === 1 && replicas[0] === NODE_ID);
  if (!isComplete || !isHere) return [kafkaError.INVALID_REPLICA_ASSIGNMENT, `partitions have to be numbered from 0 and assigned to broker ${NODE_ID}, the only one`];
  return configProblem(topic);
}

function configProblem(topic: NewTopic): readonly [KafkaErrorCode, string] | undefined {
  for (const { name, value } of topic.configs) {
    const problem = topicConfigProblem(name, value);
    if (problem !== undefined) return [kafkaError.INVALID_CONFIG, problem];
  }
  return undefined;
}

function requestedPartitions(topic: NewTopic): number {
  return topic.assignments.length > 0 ? topic.assignments.length : topic.partitionCount;
}

function configOf(topic: NewTopic): TopicConfig {
  return new Map(topic.configs.map(({ name, value }) => [name, value ?? '']));
}
