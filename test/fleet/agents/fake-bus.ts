import { Emitter } from '../../../src/core/emitter.ts';
import { newCorrelationId } from '../../../src/core/ids.ts';
import type { CallOptions, DependencyState } from '../../../src/fleet/connectors/call.ts';
import type { IncomingMessage, MessageBus, OutgoingMessage, SubscribeOptions, Subscription } from '../../../src/fleet/connectors/bus/message-bus.ts';
import { ConnectorError } from '../../../src/fleet/error-codes.ts';

export interface Published extends OutgoingMessage {
  readonly topic: string;
  readonly correlationId: string;
}

/** The port to Kafka in memory, at-least-once: a message that was not handled waits for `redeliver`. For what agents do, not for what Kafka does. */
export class FakeBus implements MessageBus {
  state: DependencyState = { up: true };
  readonly published: Published[] = [];
  readonly subscriptions: (SubscribeOptions & { stopped: boolean })[] = [];
  /** Set: joining a group waits for it, or fails with it. */
  joining: (options: SubscribeOptions) => Promise<void> = () => Promise.resolve();
  readonly #emitter = new Emitter<DependencyState>();
  #undelivered: Published[] = [];

  get listening(): boolean {
    return this.#emitter.hasListeners;
  }

  set(up: boolean, reason = 'refused'): void {
    this.state = up ? { up } : { up, sinceMs: 0, reason };
    this.#emitter.emit(this.state);
  }

  onStateChange(listener: (state: DependencyState) => void): () => void {
    return this.#emitter.on(listener);
  }

  addTopic(): void {}
  connect(): Promise<void> {
    return Promise.resolve();
  }
  ensureTopics(): Promise<void> {
    return Promise.resolve();
  }
  close(): Promise<void> {
    return Promise.resolve();
  }

  async publish(topic: string, messages: readonly OutgoingMessage[], options: CallOptions = {}): Promise<void> {
    if (!this.state.up) throw new ConnectorError('KAFKA_UNAVAILABLE', 'Kafka is down');
    for (const message of messages) {
      const published = { topic, ...message, correlationId: options.correlationId ?? newCorrelationId() };
      this.published.push(published);
      this.#undelivered.push(published);
    }
  }

  async subscribe(options: SubscribeOptions): Promise<Subscription> {
    await this.joining(options);
    const entry = { ...options, stopped: false };
    this.subscriptions.push(entry);
    return {
      lag: () => 3,
      stop: async () => {
        entry.stopped = true;
      },
    };
  }

  /** Hands what is published to whoever has subscribed; what is rejected stays. Returns the errors. */
  async deliver(signal = new AbortController().signal): Promise<unknown[]> {
    const errors: unknown[] = [];
    const messages = this.#undelivered;
    this.#undelivered = [];
    for (const message of messages) {
      const subscription = this.subscriptions.find((each) => each.topic === message.topic && !each.stopped);
      if (subscription === undefined) this.#undelivered.push(message);
      else {
        await subscription.handle(incoming(message), { signal }).catch((error: unknown) => {
          errors.push(error);
          this.#undelivered.push(message);
        });
      }
    }
    return errors;
  }

  get undelivered(): number {
    return this.#undelivered.length;
  }

  /** The messages of a topic as they were published. */
  on<Value>(topic: string): Value[] {
    return this.published.filter((message) => message.topic === topic).map((message) => message.value as Value);
  }
}

export function incoming(message: Published): IncomingMessage {
  return { topic: message.topic, partition: 0, offset: '0', key: message.key ?? undefined, value: structuredClone(message.value), headers: { 'x-correlation-id': message.correlationId, ...message.headers }, correlationId: message.correlationId };
}
