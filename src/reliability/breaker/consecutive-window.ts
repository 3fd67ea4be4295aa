import type { BreakerConfig } from './breaker-config.ts';
import type { BreakerWindow } from './breaker-window.ts';

/** Failures since the last success. */
export class ConsecutiveWindow implements BreakerWindow {
  readonly #config: BreakerConfig;
  #failures = 0;

  constructor(config: BreakerConfig) {
    this.#config = config;
  }

  record(failed: boolean, slow: boolean): void {
    this.#failures = failed || slow ? this.#failures + 1 : 0;
  }

  shouldOpen(): boolean {
    return this.#failures >= this.#config.threshold;
  }

  clear(): void {
    this.#failures = 0;
  }

  toJSON(): readonly number[] {
    return [this.#failures];
  }

  restore(stored: readonly number[]): boolean {
    const [failures, ...rest] = stored;
    if (rest.length > 0 || failures === undefined || !Number.isInteger(failures) || failures < 0) return false;
    this.#failures = failures;
    return true;
  }
}
