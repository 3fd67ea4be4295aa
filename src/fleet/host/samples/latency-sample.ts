/** An even number: half of them are left when it is full. */
const capacity = 256;

/**
 * Latencies of one interval in fixed memory: all of them while they are few, then every second one, every fourth, and
 * so on, evenly over the interval. No randomness, so that the same calls give the same figures. The greatest is exact.
 */
export class LatencySample {
  readonly #kept = new Float64Array(capacity);
  #size = 0;
  #every = 1;
  #seen = 0;
  #maxMs = 0;

  get maxMs(): number {
    return this.#maxMs;
  }

  add(latencyMs: number): void {
    if (latencyMs > this.#maxMs) this.#maxMs = latencyMs;
    if (this.#seen++ % this.#every !== 0) return;
    if (this.#size === capacity) this.#thin();
    this.#kept[this.#size++] = latencyMs;
  }

  /** Nearest rank; 0 where nothing was added. */
  medianMs(): number {
    if (this.#size === 0) return 0;
    const sorted = this.#kept.slice(0, this.#size).sort();
    return sorted[Math.ceil(this.#size / 2) - 1] ?? 0;
  }

  clear(): void {
    this.#size = 0;
    this.#every = 1;
    this.#seen = 0;
    this.#maxMs = 0;
  }

  #thin(): void {
    for (let index = 0; index < capacity / 2; index++) this.#kept[index] = this.#kept[index * 2] as number;
    this.#size = capacity / 2;
    this.#every *= 2;
  }
}
