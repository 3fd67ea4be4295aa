import { raceNews } from '../log/partition-news.ts';
import type { Partition } from '../log/partition.ts';
import type { TopicStore } from '../log/topic-store.ts';
import { kafkaError, type KafkaErrorCode } from '../protocol/kafka-error.ts';
import { defineMessage } from '../protocol/message.ts';
import type { Reader } from '../protocol/reader.ts';

interface FetchPartition {
  readonly index: number;
  readonly offset: number;
  readonly maxBytes: number;
}

interface FetchTopic {
  readonly name: string;
  readonly partitions: readonly FetchPartition[];
}

interface FetchedPartition {
  readonly index: number;
  readonly error: KafkaErrorCode;
  readonly highWatermark: number;
  readonly logStartOffset: number;
  readonly batches: readonly Buffer[];
  readonly bytes: number;
}

interface Fetched {
  readonly error: KafkaErrorCode;
  readonly topics: readonly { readonly name: string; readonly partitions: readonly FetchedPartition[] }[];
}

const NO_SESSION = 0;

/**
 * Fetch Request (4-11) => replica_id max_wait_ms min_bytes max_bytes isolation_level session_id(7+) session_epoch(7+)
 *                         [topics] [forgotten_topics](7+) rack_id(11+)
 *   replica_id => INT32
 *   max_wait_ms => INT32
 *   min_bytes => INT32
 *   max_bytes => INT32
 *   isolation_level => INT8
 *   session_id, session_epoch => INT32        this broker keeps no sessions: every request names all it wants
 *   topics => topic [partitions]
 *     topic => STRING
 *     partitions => partition current_leader_epoch(9+) fetch_offset log_start_offset(5+) partition_max_bytes
 *       partition, current_leader_epoch => INT32
 *       fetch_offset, log_start_offset => INT64
 *       partition_max_bytes => INT32
 *   forgotten_topics => topic [partitions]
 *     topic => STRING
 *     partitions => INT32
 *   rack_id => STRING
 *
 * Fetch Response (4-11) => throttle_time_ms error_code(7+) session_id(7+) [topics]
 *   throttle_time_ms => INT32
 *   error_code => INT16
 *   session_id => INT32
 *   topics => topic [partitions]
 *     topic => STRING
 *     partitions => partition error_code high_watermark last_stable_offset log_start_offset(5+)
 *                   NULLABLE [aborted_transactions] preferred_read_replica(11+) record_set
 *       partition => INT32
 *       error_code => INT16
 *       high_watermark, last_stable_offset, log_start_offset => INT64
 *       aborted_transactions => producer_id first_offset
 *         producer_id, first_offset => INT64
 *       preferred_read_replica => INT32
 *       record_set => NULLABLE_BYTES          whole batches; the first may begin before fetch_offset
 */
export const fetch = defineMessage({
  apiKey: 1,
  name: 'Fetch',
  minVersion: 4,
  maxVersion: 11,
  read: (reader, version) => {
    reader.int32();
    const maxWaitMs = reader.int32();
    const minBytes = reader.int32();
    const maxBytes = reader.int32();
    reader.int8();
    const sessionId = version >= 7 ? reader.int32() : NO_SESSION;
    if (version >= 7) reader.int32();
    const topics = reader.array((): FetchTopic => ({ name: reader.string(), partitions: reader.array(() => readPartition(reader, version)) }));
    if (version >= 7) reader.array(() => [reader.string(), reader.array(() => reader.int32())]);
    if (version >= 11) reader.string();
    return { maxWaitMs, minBytes, maxBytes, sessionId, topics };
  },
  handle: ({ maxWaitMs, minBytes, maxBytes, sessionId, topics }, { broker, signal }): Fetched | Promise<Fetched | undefined> => {
    if (sessionId !== NO_SESSION) return { error: kafkaError.FETCH_SESSION_ID_NOT_FOUND, topics: [] };
    const look = (): Fetched => collect(topics, maxBytes, broker.topics);
    const isEnough = ({ topics: fetched }: Fetched): boolean => {
      const partitions = fetched.flatMap((topic) => topic.partitions);
      return partitions.some(({ error }) => error !== kafkaError.NONE) || partitions.reduce((sum, { bytes }) => sum + bytes, 0) >= minBytes;
    };
    const first = look();
    if (maxWaitMs <= 0 || topics.length === 0 || isEnough(first)) return first;
    return raceNews({ partitions: partitionsOf(topics, broker.topics), clock: broker.clock, maxWaitMs, signal, look, isEnough });
  },
  write: (writer, { error, topics }, version) => {
    writer.int32(0);
    if (version >= 7) writer.int16(error).int32(NO_SESSION);
    writer.array(topics, ({ name, partitions }) => {
      writer.string(name).array(partitions, (partition) => {
        writer.int32(partition.index).int16(partition.error).int64(partition.highWatermark).int64(partition.highWatermark);
        if (version >= 5) writer.int64(partition.logStartOffset);
        writer.int32(-1);
        if (version >= 11) writer.int32(-1);
        writer.gatheredBytes(partition.batches, partition.bytes);
      });
    });
  },
});

function readPartition(reader: Reader, version: number): FetchPartition {
  const index = reader.int32();
  if (version >= 9) reader.int32();
  const offset = reader.int64();
  if (version >= 5) reader.int64();
  return { index, offset, maxBytes: reader.int32() };
}

/** Fills the answer in the order asked for; only its very first batch may break the limits, or it could never be read. */
function collect(topics: readonly FetchTopic[], maxBytes: number, store: TopicStore): Fetched {
  let bytesLeft = maxBytes;
  let isEmpty = true;
  const read = (name: string, { index, offset, maxBytes: partitionMaxBytes }: FetchPartition): FetchedPartition => {
    const log = store.findPartition(name, index)?.log;
    if (log === undefined) return failed(index, kafkaError.UNKNOWN_TOPIC_OR_PARTITION);
    const slice = log.read(offset, Math.min(partitionMaxBytes, bytesLeft), isEmpty);
    if (slice === undefined) return failed(index, kafkaError.OFFSET_OUT_OF_RANGE);
    bytesLeft = Math.max(0, bytesLeft - slice.bytes);
    isEmpty &&= slice.bytes === 0;
    return { index, error: kafkaError.NONE, highWatermark: log.endOffset, logStartOffset: log.startOffset, ...slice };
  };
  return { error: kafkaError.NONE, topics: topics.map(({ name, partitions }) => ({ name, partitions: partitions.map((partition) => read(name, partition)) })) };
}

function failed(index: number, error: KafkaErrorCode): FetchedPartition {
  return { index, error, highWatermark: -1, logStartOffset: -1, batches: [], bytes: 0 };
}

function partitionsOf(topics: readonly FetchTopic[], store: TopicStore): Partition[] {
  return topics.flatMap(({ name, partitions }) => partitions.flatMap(({ index }) => store.findPartition(name, index) ?? []));
}
