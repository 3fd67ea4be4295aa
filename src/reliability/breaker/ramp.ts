const RAMP_RETRY_MS = 100;

/**
 * Calls admitted at a time after a circuit has closed: 1, 2, 4 … A success adds a slot, so that each
 * full round doubles them (as TCP's slow start does); a failure halves them. Everyone who was refused meanwhile comes back at once, and what has only just
 * recovered would fall over again.
 */
export class Ramp {
  readonly #max: number;
  readonly #endsAtMs: number;
  #slots = 1;
  #inFlight = 0;

  /** @param endsAtMs when it ends in any case, so that calls that hang cannot hold the slots for ever */
  constructor(max: number, endsAtMs: number) {
    this.#max = max;
    this.#endsAtMs = endsAtMs;
  }

  isOver(nowMs: number): boolean {
    return this.#slots > this.#max || nowMs >= this.#endsAtMs;
  }

  /** False where all slots are taken. */
  admit(): boolean {
    if (this.#inFlight >= this.#slots) return false;
    this.#inFlight++;
    return true;
  }

  settle(failed: boolean): void {
    this.#inFlight--;
    this.#slots = failed ? Math.max(1, Math.floor(this.#slots / 2)) : this.#slots + 1;
  }

  release(): void {
    this.#inFlight--;
  }

  retryAfterMs(nowMs: number): number {
    if (this.#inFlight < this.#slots || this.isOver(nowMs)) return 0;
    return Math.min(RAMP_RETRY_MS, this.#endsAtMs - nowMs);
  }
}
