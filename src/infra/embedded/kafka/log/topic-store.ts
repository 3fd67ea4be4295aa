import { kafkaError, type KafkaErrorCode } from '../protocol/kafka-error.ts';
import { Partition, type AppendResult } from './partition.ts';
import { numericTopicConfig, type TopicConfig } from './topic-config.ts';

/** Keeps one CreateTopics request from filling memory with empty logs. */
const MAX_PARTITIONS_PER_TOPIC = 1000;
const NAME_PATTERN = /^[a-zA-Z0-9._-]{1,249}$/;

export interface Topic {
  readonly name: string;
  readonly partitions: readonly Partition[];
  readonly config: TopicConfig;
}

export interface TopicStoreOptions {
  readonly defaultPartitions: number;
  /** For all partitions together; beyond it the largest partition loses its oldest batches. */
  readonly retentionBytes: number;
  readonly onListenerError: (error: unknown) => void;
}

/** All topics of the broker, and the bound on the memory that they take. */
export class TopicStore {
  readonly #topics = new Map<string, Topic>();
  readonly #options: TopicStoreOptions;
  #bytes = 0;

  constructor(options: TopicStoreOptions) {
    this.#options = options;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get all(): readonly Topic[] {
    return [...this.#topics.values()];
  }

  find(name: string): Topic | undefined {
    return this.#topics.get(name);
  }

  findPartition(topic: string, partition: number): Partition | undefined {
    return this.#topics.get(topic)?.partitions[partition];
  }

  /** Why a topic of that name and size cannot be made. `partitionCount` -1: the default. */
  creationProblem(name: string, partitionCount: number): KafkaErrorCode | undefined {
    if (!NAME_PATTERN.test(name) || name === '.' || name === '..') return kafkaError.INVALID_TOPIC_EXCEPTION;
    if (this.#topics.has(name)) return kafkaError.TOPIC_ALREADY_EXISTS;
    if (partitionCount !== -1 && !isPartitionCount(partitionCount)) return kafkaError.INVALID_PARTITIONS;
    return undefined;
  }

  /** To be called only where `creationProblem` found none. */
  create(name: string, partitionCount = -1, config: TopicConfig = new Map()): Topic {
    const count = partitionCount === -1 ? this.#options.defaultPartitions : partitionCount;
    const topic = { name, partitions: this.#newPartitions(count), config };
    this.#topics.set(name, topic);
    return topic;
  }

  growthProblem(topic: Topic, partitionCount: number): KafkaErrorCode | undefined {
    return isPartitionCount(partitionCount) && partitionCount > topic.partitions.length ? undefined : kafkaError.INVALID_PARTITIONS;
  }

  grow(topic: Topic, partitionCount: number): void {
    const added = this.#newPartitions(partitionCount - topic.partitions.length);
    this.#topics.set(topic.name, { ...topic, partitions: [...topic.partitions, ...added] });
  }

  delete(name: string): boolean {
    const topic = this.#topics.get(name);
    if (topic === undefined) return false;
    this.#topics.delete(name);
    for (const partition of topic.partitions) {
      this.#bytes -= partition.log.bytes;
      partition.announce();
    }
    return true;
  }

  append(topic: Topic, partition: Partition, recordSet: Buffer): AppendResult {
    const result = partition.append(recordSet, numericTopicConfig(topic.config, 'max.message.bytes'));
    if (result.ok && result.appendedBytes > 0) {
      this.#bytes += result.appendedBytes;
      this.#retain(topic, partition);
      partition.announce();
    }
    return result;
  }

  deleteRecordsBefore(partition: Partition, offset: number): void {
    const before = partition.log.bytes;
    partition.log.deleteBefore(offset);
    this.#bytes -= before - partition.log.bytes;
    partition.announce();
  }

  #retain(topic: Topic, appendedTo: Partition): void {
    const ownLimit = numericTopicConfig(topic.config, 'retention.bytes');
    if (ownLimit >= 0) this.#bytes -= appendedTo.log.shrinkTo(ownLimit);
    while (this.#bytes > this.#options.retentionBytes) {
      // The largest pays, so that a flood in one topic takes nothing from a quiet one that somebody still has to read.
      const largest = this.#largestPartition();
      const freed = largest?.log.dropOldest() ?? 0;
      if (freed === 0) break;
      this.#bytes -= freed;
    }
  }

  #largestPartition(): Partition | undefined {
    let largest: Partition | undefined;
    for (const topic of this.#topics.values()) {
      for (const partition of topic.partitions) {
        if (partition.log.batchCount > 1 && partition.log.bytes > (largest?.log.bytes ?? 0)) largest = partition;
      }
    }
    return largest;
  }

  #newPartitions(count: number): Partition[] {
    return Array.from({ length: count }, () => new Partition(this.#options.onListenerError));
  }
}

function isPartitionCount(count: number): boolean {
  return count >= 1 && count <= MAX_PARTITIONS_PER_TOPIC;
}
