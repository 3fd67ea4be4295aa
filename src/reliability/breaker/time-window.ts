import type { Clock } from '../../core/clock.ts';
import type { BreakerConfig } from './breaker-config.ts';
import { ratesExceeded, zeros, type BreakerWindow } from './breaker-window.ts';

const SLOTS = 8;
/** Calls, failures and slow calls of one slot, as exported. Inside they stand side by side, slow calls only where any can be. */
const FIELDS = 3;

/**
 * Outcomes of the last `windowMs`, in eight slots. Slots are cleared by the time that has passed, not
 * by calls that came: after an hour without calls nothing old is left.
 */
export class TimeWindow implements BreakerWindow {
  readonly #config: BreakerConfig;
  readonly #clock: Clock;
  /** Made at the first call: an idle breaker owns none. */
  #slots: number[] | undefined;
  /** Number of the newest slot since the clock's origin. */
  #newest = 0;
  #calls = 0;
  #failures = 0;
  #slow = 0;

  constructor(config: BreakerConfig, clock: Clock) {
    this.#config = config;
    this.#clock = clock;
  }

  record(failed: boolean, slow: boolean): void {
    this.#rotate();
    this.#add((this.#newest % SLOTS) * this.#fields, 1, failed ? 1 : 0, slow ? 1 : 0);
  }

  shouldOpen(): boolean {
    return ratesExceeded(this.#config, this.#calls, this.#failures, this.#slow);
  }

  clear(): void {
    this.#slots = undefined;
    this.#calls = 0;
    this.#failures = 0;
    this.#slow = 0;
  }

  /** Calls, failures and slow calls of each slot, from the newest to the oldest. */
  toJSON(): readonly number[] {
    this.#rotate();
    const slots = this.#slots;
    if (slots === undefined) return [];
    return Array.from({ length: SLOTS }, (_, age) => {
      const offset = this.#offset(age);
      return [slots[offset] ?? 0, slots[offset + 1] ?? 0, this.#fields === 3 ? (slots[offset + 2] ?? 0) : 0];
    }).flat();
  }

  restore(stored: readonly number[], elapsedMs: number): boolean {
    const sound = stored.every((count) => Number.isSafeInteger(count) && count >= 0) && (stored.length === 0 || stored.length === SLOTS * FIELDS);
    if (!sound) return false;
    this.clear();
    this.#rotate();
    const aged = Math.ceil(Math.max(0, elapsedMs) / this.#slotMs());
    for (let age = aged; stored.length > 0 && age < SLOTS; age++) {
      const [calls = 0, failures = 0, slow = 0] = stored.slice((age - aged) * FIELDS, (age - aged + 1) * FIELDS);
      this.#add(this.#offset(age), calls, Math.min(failures, calls), Math.min(slow, calls));
    }
    return true;
  }

  get #fields(): number {
    return this.#config.slowCallMs === Infinity ? 2 : 3;
  }

  #slotMs(): number {
    return this.#config.windowMs / SLOTS;
  }

  /** Place of the slot that is `age` slots older than the newest. */
  #offset(age: number): number {
    return ((((this.#newest - age) % SLOTS) + SLOTS) % SLOTS) * this.#fields;
  }

  #add(offset: number, calls: number, failures: number, slow: number): void {
    this.#slots ??= zeros(SLOTS * this.#fields);
    const slots = this.#slots;
    slots[offset] = (slots[offset] as number) + calls;
    slots[offset + 1] = (slots[offset + 1] as number) + failures;
    if (this.#fields === 3) slots[offset + 2] = (slots[offset + 2] as number) + slow;
    this.#calls += calls;
    this.#failures += failures;
    this.#slow += slow;
  }

  #rotate(): void {
    const current = Math.floor(this.#clock.monotonicMs() / this.#slotMs());
    const passed = current - this.#newest;
    if (passed <= 0) return;
    this.#newest = current;
    const slots = this.#slots;
    if (slots === undefined) return;
    if (passed >= SLOTS) {
      this.clear();
      return;
    }
    for (let age = 0; age < passed; age++) {
      const offset = this.#offset(age);
      this.#calls -= slots[offset] as number;
      this.#failures -= slots[offset + 1] as number;
      if (this.#fields === 3) this.#slow -= slots[offset + 2] as number;
      slots.fill(0, offset, offset + this.#fields);
    }
  }
}
