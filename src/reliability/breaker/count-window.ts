import type { BreakerConfig } from './breaker-config.ts';
import { ratesExceeded, zeros, type BreakerWindow } from './breaker-window.ts';

const FAILED = 1;
const SLOW = 2;
/** Two bits an outcome; 15 of them stay a small integer in V8, so that the ring is a flat array without boxes. */
const PER_WORD = 15;

/** The last `windowCalls` outcomes in a ring of two-bit entries, with running totals. */
export class CountWindow implements BreakerWindow {
  readonly #config: BreakerConfig;
  /** Made at the first call: an idle breaker owns none. */
  #ring: number[] | undefined;
  #next = 0;
  #calls = 0;
  #failures = 0;
  #slow = 0;

  constructor(config: BreakerConfig) {
    this.#config = config;
  }

  record(failed: boolean, slow: boolean): void {
    const size = this.#config.windowCalls;
    this.#ring ??= zeros(Math.ceil(size / PER_WORD));
    const word = Math.floor(this.#next / PER_WORD);
    const shift = (this.#next % PER_WORD) * 2;
    const bits = this.#ring[word] as number;
    if (this.#calls === size) {
      const oldest = (bits >>> shift) & 3;
      if ((oldest & FAILED) !== 0) this.#failures--;
      if ((oldest & SLOW) !== 0) this.#slow--;
    } else {
      this.#calls++;
    }
    this.#ring[word] = (bits & ~(3 << shift)) | (((failed ? FAILED : 0) | (slow ? SLOW : 0)) << shift);
    if (failed) this.#failures++;
    if (slow) this.#slow++;
    this.#next = this.#next + 1 === size ? 0 : this.#next + 1;
  }

  shouldOpen(): boolean {
    return ratesExceeded(this.#config, this.#calls, this.#failures, this.#slow);
  }

  clear(): void {
    this.#ring = undefined;
    this.#next = 0;
    this.#calls = 0;
    this.#failures = 0;
    this.#slow = 0;
  }

  /** Outcomes from the oldest to the newest: bit 0 failed, bit 1 slow. */
  toJSON(): readonly number[] {
    const first = this.#calls === this.#config.windowCalls ? this.#next : 0;
    return Array.from({ length: this.#calls }, (_, age) => {
      const index = (first + age) % this.#config.windowCalls;
      return ((this.#ring?.[Math.floor(index / PER_WORD)] ?? 0) >>> ((index % PER_WORD) * 2)) & 3;
    });
  }

  restore(stored: readonly number[]): boolean {
    if (!stored.every((outcome) => Number.isInteger(outcome) && outcome >= 0 && outcome <= 3)) return false;
    this.clear();
    // A window that was made smaller since keeps the newest.
    for (const outcome of stored.slice(-this.#config.windowCalls)) this.record((outcome & FAILED) !== 0, (outcome & SLOW) !== 0);
    return true;
  }
}
