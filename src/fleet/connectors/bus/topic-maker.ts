import { raceAbort } from '../../../core/abort.ts';
import type { KafkaAdmin, TopicRequest } from './kafka-admin.ts';
import { deadLetterTopic, type TopicDefinition } from './topics.ts';

/** Makes each topic once a process: what has been made, or is being made, is not asked for again. */
export class TopicMaker {
  readonly #admin: KafkaAdmin;
  /** Ends the making, whoever waits for it. */
  readonly #closing: AbortSignal;
  readonly #namePrefix: string;
  readonly #made = new Map<string, Promise<void>>();

  /** `namePrefix` goes before every topic, in the cluster alone. */
  constructor(admin: KafkaAdmin, closing: AbortSignal, namePrefix: string) {
    this.#admin = admin;
    this.#closing = closing;
    this.#namePrefix = namePrefix;
  }

  /** Resolves once all of them are there; one request for those that are not. */
  async ensure(topics: readonly TopicRequest[], signal: AbortSignal): Promise<void> {
    const absent = topics.filter(({ topic }) => !this.#made.has(topic));
    if (absent.length > 0) this.#make(absent);
    await raceAbort(Promise.all(topics.flatMap(({ topic }) => this.#made.get(topic) ?? [])), signal);
  }

  /** A topic of this definition, with its dead letter topic. */
  async ensureDefined({ partitions }: TopicDefinition, topic: string, signal: AbortSignal): Promise<void> {
    await this.ensure(withDeadLetter(topic, partitions), signal);
  }

  /** All of them that have names of their own. */
  async ensureAll(definitions: readonly TopicDefinition[], signal: AbortSignal): Promise<void> {
    await this.ensure(
      definitions.flatMap(({ name, partitions }) => (name.endsWith('*') ? [] : withDeadLetter(name, partitions))),
      signal,
    );
  }

  /** The cluster has been away, and may have come back without its topics. */
  forget(): void {
    this.#made.clear();
  }

  /** A failure is forgotten, so that the next use tries again. */
  #make(topics: readonly TopicRequest[]): void {
    const making = this.#admin.createTopics(topics.map(({ topic, partitions }) => ({ topic: `${this.#namePrefix}${topic}`, partitions })), this.#closing);
    for (const { topic } of topics) this.#made.set(topic, making);
    making.catch(() => {
      for (const { topic } of topics) if (this.#made.get(topic) === making) this.#made.delete(topic);
    });
  }
}

function withDeadLetter(topic: string, partitions: number): TopicRequest[] {
  return [
    { topic, partitions },
    { topic: deadLetterTopic(topic), partitions: 1 },
  ];
}
