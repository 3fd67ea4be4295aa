/** A place in a registry. Whoever keeps one to save the look-up calls `touch`, and looks again once it is `forgotten`. */
export interface Slot<Value> {
  readonly value: Value;
  readonly forgotten: boolean;
}

interface Entry<Value> {
  readonly value: Value;
  forgotten: boolean;
  /** A counter, not a time: telling what is older needs no clock, and stamping costs one write. */
  usedAt: number;
}

/**
 * Values by key, at most `max`. When there are more, those used longest ago go, except the ones
 * still needed: an open breaker that was forgotten would be a closed one.
 */
export class KeyedRegistry<Value> {
  readonly #max: number;
  readonly #stillNeeded: (value: Value) => boolean;
  readonly #entries = new Map<string, Entry<Value>>();
  #uses = 0;

  constructor(max: number, stillNeeded: (value: Value) => boolean = () => false) {
    this.#max = max;
    this.#stillNeeded = stillNeeded;
  }

  get(key: string): Value | undefined {
    return this.slot(key)?.value;
  }

  slot(key: string): Slot<Value> | undefined {
    const entry = this.#entries.get(key);
    if (entry !== undefined) entry.usedAt = ++this.#uses;
    return entry;
  }

  /** The slot of `key`, filled by `make` where there is none. */
  slotOr(key: string, make: () => Value): Slot<Value> {
    const known = this.slot(key);
    if (known !== undefined) return known;
    this.set(key, make());
    return this.#entries.get(key) as Entry<Value>;
  }

  touch(slot: Slot<Value>): void {
    (slot as Entry<Value>).usedAt = ++this.#uses;
  }

  set(key: string, value: Value): Value {
    const known = this.#entries.get(key);
    if (known !== undefined) known.forgotten = true;
    else if (this.#entries.size >= this.#max) this.#evict();
    this.#entries.set(key, { value, forgotten: false, usedAt: ++this.#uses });
    return value;
  }

  get size(): number {
    return this.#entries.size;
  }

  *[Symbol.iterator](): IterableIterator<[string, Value]> {
    for (const [key, { value }] of this.#entries) yield [key, value];
  }

  /** Drops a tenth at once, so that the sort is paid for by many insertions. */
  #evict(): void {
    const idle = [...this.#entries].filter(([, entry]) => !this.#stillNeeded(entry.value)).sort(([, a], [, b]) => a.usedAt - b.usedAt);
    for (const [key, entry] of idle.slice(0, Math.max(1, Math.ceil(this.#max / 10)))) {
      entry.forgotten = true;
      this.#entries.delete(key);
    }
  }
}
