export interface CommittedOffset {
  readonly offset: number;
  readonly metadata: string;
}

/** What one group has committed, by topic and partition. */
export class CommittedOffsets {
  readonly #topics = new Map<string, Map<number, CommittedOffset>>();

  get isEmpty(): boolean {
    return this.#topics.size === 0;
  }

  get topics(): readonly { readonly topic: string; readonly partitions: readonly number[] }[] {
    return [...this.#topics].map(([topic, partitions]) => ({ topic, partitions: [...partitions.keys()] }));
  }

  find(topic: string, partition: number): CommittedOffset | undefined {
    return this.#topics.get(topic)?.get(partition);
  }

  commit(topic: string, partition: number, committed: CommittedOffset): void {
    let partitions = this.#topics.get(topic);
    if (partitions === undefined) this.#topics.set(topic, (partitions = new Map()));
    partitions.set(partition, committed);
  }

  /** A topic of the same name made later starts anew. */
  forgetTopic(topic: string): void {
    this.#topics.delete(topic);
  }
}
