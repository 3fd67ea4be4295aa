import type { CallOptions, DependencyState } from '../call.ts';
import type { Unsubscribe } from '../../../core/emitter.ts';
import type { TopicDefinition } from './topics.ts';

export interface OutgoingMessage {
  /** Partitioning key; messages with one key stay in order. null spreads them evenly over the partitions. */
  readonly key: string | null;
  /** JSON-serialisable; validated by the topic's schema before it is sent. */
  readonly value: object;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface IncomingMessage {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly key: string | undefined;
  /** Parsed JSON, valid by the topic's schema; a message that is not valid never reaches a handler (it goes to the dead letter topic). */
  readonly value: unknown;
  readonly headers: Readonly<Record<string, string>>;
  readonly correlationId: string;
}

export interface SubscribeOptions {
  readonly topic: string;
  /** Consumer group; members of one group share the partitions. */
  readonly group: string;
  /** Partitions worked on at once. @default 1 */
  readonly concurrency?: number;
  /** @default true: a group without offsets starts at the oldest message, so that nothing accepted is passed over. */
  readonly fromBeginning?: boolean;
  /**
   * Resolving commits the offset (at-least-once). Rejecting leaves it uncommitted: the message comes again after a backoff.
   * `signal` aborts when the partition is lost or the host shuts down; heartbeats go on while the handler runs.
   */
  readonly handle: (message: IncomingMessage, context: { readonly signal: AbortSignal }) => Promise<void>;
}

export interface Subscription {
  /** Stops fetching, waits for running handlers (bounded by the signal), commits, leaves the group. */
  stop(signal?: AbortSignal): Promise<void>;
  /** Messages not yet handled, over all assigned partitions; undefined while unknown. */
  lag(): number | undefined;
}

/** The port to Kafka. `publish` rejects with a retriable NetraError while the bus is down; it never buffers silently. */
export interface MessageBus {
  readonly state: DependencyState;
  onStateChange(listener: (state: DependencyState) => void): Unsubscribe;
  /** Makes a topic known whose name is known at run time only (a reply topic); adding it again replaces it. */
  addTopic(topic: TopicDefinition): void;
  /** One attempt at the cluster; concurrent calls share it. */
  connect(options?: CallOptions): Promise<void>;
  ensureTopics(topics: readonly { readonly topic: string; readonly partitions: number }[], options?: CallOptions): Promise<void>;
  publish(topic: string, messages: readonly OutgoingMessage[], options?: CallOptions): Promise<void>;
  /** Resolves once the group has been joined; a consumer that crashes or hangs later is restarted by the bus. */
  subscribe(options: SubscribeOptions): Promise<Subscription>;
  close(signal?: AbortSignal): Promise<void>;
}
