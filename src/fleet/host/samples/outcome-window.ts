/** Outcomes remembered; a bit each, so no more than 31. */
const size = 20;

/** Outcomes of the newest calls through one breaker. */
export class OutcomeWindow {
  /** The newest outcome is bit 0; set = failed. */
  #bits = 0;
  #calls = 0;

  get calls(): number {
    return this.#calls;
  }

  add(failed: boolean): void {
    this.#bits = ((this.#bits << 1) | (failed ? 1 : 0)) & ((1 << size) - 1);
    if (this.#calls < size) this.#calls += 1;
  }

  /** 0 to 1; null below `least` calls. */
  failureRate(least: number): number | null {
    if (this.#calls === 0 || this.#calls < least) return null;
    let failures = 0;
    for (let bits = this.#bits; bits !== 0; bits >>>= 1) failures += bits & 1;
    return Math.round((failures / this.#calls) * 100) / 100;
  }

  /** Failures since the last success. */
  failuresInARow(): number {
    let failures = 0;
    for (let bits = this.#bits; (bits & 1) === 1; bits >>>= 1) failures += 1;
    return failures;
  }

  clear(): void {
    this.#bits = 0;
    this.#calls = 0;
  }
}
