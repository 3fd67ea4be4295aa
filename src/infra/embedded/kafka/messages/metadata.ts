import { NODE_ID } from '../broker-state.ts';
import { kafkaError, type KafkaErrorCode } from '../protocol/kafka-error.ts';
import { defineMessage, type RequestContext } from '../protocol/message.ts';

interface TopicMetadata {
  readonly error: KafkaErrorCode;
  readonly name: string;
  readonly partitionCount: number;
}

/**
 * Metadata Request (0) => [topics]                       empty: all
 *                  (1) => NULLABLE [topics]              null: all, empty: none
 *                  (4) => NULLABLE [topics] allow_auto_topic_creation
 *   topics => STRING
 *   allow_auto_topic_creation => BOOLEAN
 *
 * Metadata Response => throttle_time_ms(3+) [brokers] cluster_id(2+) controller_id(1+) [topic_metadata]
 *   throttle_time_ms => INT32
 *   brokers => node_id host port rack(1+)
 *     node_id => INT32
 *     host => STRING
 *     port => INT32
 *     rack => NULLABLE_STRING
 *   cluster_id => NULLABLE_STRING
 *   controller_id => INT32
 *   topic_metadata => error_code topic is_internal(1+) [partition_metadata]
 *     error_code => INT16
 *     topic => STRING
 *     is_internal => BOOLEAN
 *     partition_metadata => error_code partition leader [replicas] [isr] [offline_replicas](5+)
 *       error_code => INT16
 *       partition, leader, replicas, isr, offline_replicas => INT32
 */
export const metadata = defineMessage({
  apiKey: 3,
  name: 'Metadata',
  minVersion: 0,
  maxVersion: 6,
  read: (reader, version) => {
    const topics = reader.nullableArray((element) => element.string());
    const wantsAll = topics === null || (version === 0 && topics.length === 0);
    return { topics: wantsAll ? undefined : topics, mayCreate: version < 4 || reader.boolean() };
  },
  handle: ({ topics, mayCreate }, context) => ({
    advertised: context.advertised,
    clusterId: context.broker.clusterId,
    topics: (topics ?? context.broker.topics.all.map(({ name }) => name)).map((name) => describe(name, mayCreate, context)),
  }),
  write: (writer, { advertised, clusterId, topics }, version) => {
    if (version >= 3) writer.int32(0);
    writer.int32(1).int32(NODE_ID).string(advertised.host).int32(advertised.port);
    if (version >= 1) writer.string(null);
    if (version >= 2) writer.string(clusterId);
    if (version >= 1) writer.int32(NODE_ID);
    writer.array(topics, ({ error, name, partitionCount }) => {
      writer.int16(error).string(name);
      if (version >= 1) writer.boolean(false);
      writer.array([...Array(partitionCount).keys()], (partition) => {
        writer.int16(kafkaError.NONE).int32(partition).int32(NODE_ID).int32Array([NODE_ID]).int32Array([NODE_ID]);
        if (version >= 5) writer.int32Array([]);
      });
    });
  },
});

function describe(name: string, mayCreate: boolean, { broker: { topics } }: RequestContext): TopicMetadata {
  const existing = topics.find(name);
  if (existing !== undefined) return { error: kafkaError.NONE, name, partitionCount: existing.partitions.length };
  const problem = topics.creationProblem(name, -1);
  if (problem !== undefined) return { error: problem, name, partitionCount: 0 };
  if (!mayCreate) return { error: kafkaError.UNKNOWN_TOPIC_OR_PARTITION, name, partitionCount: 0 };
  return { error: kafkaError.NONE, name, partitionCount: topics.create(name).partitions.length };
}
