import type { Unsubscribe } from '../../../core/emitter.ts';
import { InvariantViolation } from '../../../core/error-codes.ts';
import type { CallOptions, DependencyState } from '../call.ts';
import type { ConnectorContext } from '../connector-context.ts';
import type { MessageBus, OutgoingMessage, SubscribeOptions, Subscription } from './message-bus.ts';
import { TopicRegistry, type TopicDefinition } from './topics.ts';

export interface KafkaBusOptions {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly topics?: readonly TopicDefinition[];
}

export class KafkaBus implements MessageBus {
  readonly topics: TopicRegistry;
  constructor(context: ConnectorContext, options: KafkaBusOptions) {
    void context;
    this.topics = new TopicRegistry(options.topics);
  }
  get state(): DependencyState {
    throw shell();
  }
  onStateChange(_listener: (state: DependencyState) => void): Unsubscribe {
    throw shell();
  }
  async connect(_options?: CallOptions): Promise<void> {
    throw shell();
  }
  async ensureTopics(_topics: readonly { readonly topic: string; readonly partitions: number }[], _options?: CallOptions): Promise<void> {
    throw shell();
  }
  async publish(_topic: string, _messages: readonly OutgoingMessage[], _options?: CallOptions): Promise<void> {
    throw shell();
  }
  async subscribe(_options: SubscribeOptions): Promise<Subscription> {
    throw shell();
  }
  async close(_signal?: AbortSignal): Promise<void> {
    throw shell();
  }
}

const shell = (): InvariantViolation => new InvariantViolation('this connector is a shell');
