import { NODE_ID, type BrokerState } from '../broker-state.ts';
import { topicConfigDefault, topicConfigNames } from '../log/topic-config.ts';
import { kafkaError, type KafkaErrorCode } from '../protocol/kafka-error.ts';
import { defineMessage } from '../protocol/message.ts';

const TOPIC = 2;
const BROKER = 4;
const SOURCE_TOPIC = 1;
const SOURCE_DEFAULT = 5;

interface ResourceQuery {
  readonly type: number;
  readonly name: string;
  /** null: all. */
  readonly wanted: readonly string[] | null;
}

interface ConfigEntry {
  readonly name: string;
  readonly value: string;
  readonly source: number;
}

interface ResourceAnswer extends ResourceQuery {
  readonly error: KafkaErrorCode;
  readonly message: string | null;
  readonly entries: readonly ConfigEntry[];
}

/**
 * DescribeConfigs Request (1-2) => [resources] include_synonyms
 *   resources => resource_type resource_name NULLABLE [config_names]
 *     resource_type => INT8                   2: topic, 4: broker
 *     resource_name => STRING
 *     config_names => STRING
 *   include_synonyms => BOOLEAN
 *
 * DescribeConfigs Response (1-2) => throttle_time_ms [resources]
 *   throttle_time_ms => INT32
 *   resources => error_code error_message resource_type resource_name [configs]
 *     error_code => INT16
 *     error_message => NULLABLE_STRING
 *     resource_type => INT8
 *     resource_name => STRING
 *     configs => name value read_only config_source is_sensitive [synonyms]
 *       name => STRING
 *       value => NULLABLE_STRING
 *       read_only => BOOLEAN
 *       config_source => INT8                 1: the topic's own, 5: default
 *       is_sensitive => BOOLEAN
 *       synonyms => name value source         always empty here
 */
export const describeConfigs = defineMessage({
  apiKey: 32,
  name: 'DescribeConfigs',
  minVersion: 1,
  maxVersion: 2,
  read: (reader) => {
    const resources = reader.array((): ResourceQuery => ({ type: reader.int8(), name: reader.string(), wanted: reader.nullableArray(() => reader.string()) }));
    reader.boolean();
    return resources;
  },
  handle: (resources, { broker }) => resources.map((query) => answer(query, broker)),
  write: (writer, resources) => {
    writer.int32(0).array(resources, ({ error, message, type, name, entries }) => {
      writer.int16(error).string(message).int8(type).string(name);
      writer.array(entries, (entry) => {
        writer.string(entry.name).string(entry.value).boolean(false).int8(entry.source).boolean(false).int32(0);
      });
    });
  },
});

function answer(query: ResourceQuery, { topics }: BrokerState): ResourceAnswer {
  const refuse = (error: KafkaErrorCode, message: string): ResourceAnswer => ({ ...query, error, message, entries: [] });
  if (query.type === BROKER) {
    return query.name === String(NODE_ID) ? { ...query, error: kafkaError.NONE, message: null, entries: [] } : refuse(kafkaError.INVALID_REQUEST, `there is no broker ${query.name}; the only one is ${NODE_ID}`);
  }
  if (query.type !== TOPIC) return refuse(kafkaError.INVALID_REQUEST, `resource type ${query.type} is neither a topic (2) nor a broker (4)`);
  const topic = topics.find(query.name);
  if (topic === undefined) return refuse(kafkaError.UNKNOWN_TOPIC_OR_PARTITION, `there is no topic ${query.name}`);
  const names = topicConfigNames.filter((name) => query.wanted === null || query.wanted.length === 0 || query.wanted.includes(name));
  const entries = names.map((name) => {
    const own = topic.config.get(name);
    return { name, value: own ?? topicConfigDefault(name), source: own === undefined ? SOURCE_DEFAULT : SOURCE_TOPIC };
  });
  return { ...query, error: kafkaError.NONE, message: null, entries };
}
