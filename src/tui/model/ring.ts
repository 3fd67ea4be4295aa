/** The last `capacity` items, oldest first; adding is cheap however many there were. */
export class Ring<Item> {
  readonly #capacity: number;
  #items: Item[] = [];
  #added = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  push(item: Item): void {
    this.#items.push(item);
    this.#added += 1;
    // Cut rarely: shifting an array at each push would cost as much as its length.
    if (this.#items.length >= this.#capacity * 2) this.#items = this.#items.slice(-this.#capacity);
  }

  /** The newest one has become another. */
  replaceLast(item: Item): void {
    this.#items[this.#items.length - 1] = item;
  }

  /** Oldest first. */
  last(count = this.#capacity): readonly Item[] {
    return this.#items.slice(-Math.max(0, Math.min(count, this.#capacity)) || this.#items.length);
  }

  /** With a life of its own; the items are the same ones. */
  copy(): Ring<Item> {
    const copy = new Ring<Item>(this.#capacity);
    copy.#items = this.#items.slice();
    copy.#added = this.#added;
    return copy;
  }

  get size(): number {
    return Math.min(this.#items.length, this.#capacity);
  }

  /** Also those that are gone. */
  get added(): number {
    return this.#added;
  }
}
