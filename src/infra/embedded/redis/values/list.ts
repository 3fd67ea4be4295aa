const INITIAL_CAPACITY = 8;

/** A double-ended list in a ring buffer: constant time at both ends and by index. */
export class ListValue {
  #ring: (string | undefined)[] = Array.from({ length: INITIAL_CAPACITY });
  #head = 0;
  #length = 0;

  static from(items: readonly string[]): ListValue {
    const list = new ListValue();
    for (const item of items) list.pushRight(item);
    return list;
  }

  get length(): number {
    return this.#length;
  }

  /** The element `index` from the head; undefined outside. */
  at(index: number): string | undefined {
    return index < 0 || index >= this.#length ? undefined : this.#ring[this.#slot(index)];
  }

  set(index: number, item: string): void {
    this.#ring[this.#slot(index)] = item;
  }

  pushLeft(item: string): void {
    this.#reserve();
    this.#head = (this.#head - 1 + this.#ring.length) & (this.#ring.length - 1);
    this.#ring[this.#head] = item;
    this.#length++;
  }

  pushRight(item: string): void {
    this.#reserve();
    this.#ring[this.#slot(this.#length)] = item;
    this.#length++;
  }

  popLeft(): string | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#ring[this.#head];
    this.#ring[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#ring.length - 1);
    this.#length--;
    return item;
  }

  popRight(): string | undefined {
    if (this.#length === 0) return undefined;
    const slot = this.#slot(--this.#length);
    const item = this.#ring[slot];
    this.#ring[slot] = undefined;
    return item;
  }

  /** Elements `start` to `end`, the end excluded; both within the list. */
  slice(start = 0, end = this.#length): string[] {
    const items: string[] = [];
    for (let index = start; index < end; index++) items.push(this.#ring[this.#slot(index)] as string);
    return items;
  }

  /** Replaces everything; for operations that touch the middle. */
  assign(items: readonly string[]): void {
    let capacity = INITIAL_CAPACITY;
    while (capacity < items.length) capacity *= 2;
    this.#ring = Array.from({ length: capacity });
    for (const [index, item] of items.entries()) this.#ring[index] = item;
    this.#head = 0;
    this.#length = items.length;
  }

  #slot(index: number): number {
    return (this.#head + index) & (this.#ring.length - 1);
  }

  #reserve(): void {
    if (this.#length < this.#ring.length) return;
    const items = this.slice();
    items.length = this.#ring.length * 2;
    this.#ring = items;
    this.#head = 0;
  }
}
