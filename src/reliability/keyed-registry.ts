/**
 * Values by key, made when first asked for. When there are more than `max`, those used longest ago
 * go, except the ones still needed: an open breaker that was forgotten would be a closed one.
 */
export class KeyedRegistry<Value> {
  readonly #max: number;
  readonly #stillNeeded: (value: Value) => boolean;
  /** `usedAt` is a counter, not a time: telling what is older needs no clock, and stamping costs one write. */
  readonly #entries = new Map<string, { readonly value: Value; usedAt: number }>();
  #uses = 0;

  constructor(max: number, stillNeeded: (value: Value) => boolean = () => false) {
    this.#max = max;
    this.#stillNeeded = stillNeeded;
  }

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    entry.usedAt = ++this.#uses;
    return entry.value;
  }

  set(key: string, value: Value): Value {
    if (this.#entries.size >= this.#max && !this.#entries.has(key)) this.#evict();
    this.#entries.set(key, { value, usedAt: ++this.#uses });
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
    for (const [key] of idle.slice(0, Math.max(1, Math.ceil(this.#max / 10)))) this.#entries.delete(key);
  }
}
