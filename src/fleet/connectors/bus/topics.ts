import { z } from 'zod';

/** One kind of message on one Kafka topic. */
export interface TopicDefinition<Value = unknown> {
  /**
   * As Kafka knows it: letters, digits, `.`, `_`, `-`; at most 249 characters with its dead letter suffix.
   * With `*` at its end it stands for all topics that begin so and have no definition of their own.
   */
  readonly name: string;
  readonly partitions: number;
  readonly schema: z.ZodType<Value>;
  /** What a message on it says, for the published schema. */
  readonly summary: string;
}

/** Types a topic without changing it. */
export function defineTopic<Value>(topic: TopicDefinition<Value>): TopicDefinition<Value> {
  return topic;
}

const deadLetterSuffix = '.dead-letter';

/** Where a message goes that cannot be read: beside its topic, so that it blocks no partition. */
export function deadLetterTopic(topic: string): string {
  return `${topic}${deadLetterSuffix}`;
}

/** The topics that a bus may publish to and subscribe to. Topics whose names are known at run time only are added later. */
export class TopicRegistry {
  readonly #topics = new Map<string, TopicDefinition>();

  constructor(topics: readonly TopicDefinition[] = []) {
    for (const topic of topics) this.add(topic);
  }

  /** Adding a name again replaces its definition. */
  add(topic: TopicDefinition): void {
    this.#topics.set(topic.name, topic);
  }

  get(name: string): TopicDefinition | undefined {
    const exact = this.#topics.get(name);
    if (exact !== undefined) return exact;
    return this.list().find((topic) => topic.name.endsWith('*') && name.startsWith(topic.name.slice(0, -1)));
  }

  list(): readonly TopicDefinition[] {
    return [...this.#topics.values()];
  }

  /** JSON Schema (draft 2020-12) of every topic's messages by topic name, for publishing. */
  jsonSchemas(): Readonly<Record<string, PublishedTopic>> {
    return Object.fromEntries(
      this.list().map(({ name, partitions, schema, summary }) => [name, { summary, partitions, schema: z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) }]),
    );
  }
}

export interface PublishedTopic {
  readonly summary: string;
  readonly partitions: number;
  readonly schema: object;
}
