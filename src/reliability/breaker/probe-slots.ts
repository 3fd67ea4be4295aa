/** What a refused caller is told while probes are under way: longer than a healthy probe takes, far below its lease. */
const PROBE_RETRY_MS = 1_000;

/**
 * The probes of a half-open circuit, each with a lease (after Effect's): a permit whose probe hangs
 * comes back when the lease ends, or the circuit would stay half-open for ever.
 */
export class ProbeSlots {
  readonly #max: number;
  readonly #leaseMs: number;
  readonly #leases = new Map<number, number>();

  constructor(max: number, leaseMs: number) {
    this.#max = max;
    this.#leaseMs = leaseMs;
  }

  hasFree(nowMs: number): boolean {
    if (this.#leases.size < this.#max) return true;
    for (const [ticket, endsAtMs] of this.#leases) {
      if (endsAtMs <= nowMs) this.#leases.delete(ticket);
    }
    return this.#leases.size < this.#max;
  }

  take(ticket: number, nowMs: number): void {
    this.#leases.set(ticket, nowMs + this.#leaseMs);
  }

  /** False for a ticket that is no probe of this half-open time, or whose lease was given to another. */
  giveBack(ticket: number): boolean {
    return this.#leases.delete(ticket);
  }

  retryAfterMs(nowMs: number): number {
    if (this.hasFree(nowMs)) return 0;
    return Math.max(1, Math.min(PROBE_RETRY_MS, Math.min(...this.#leases.values()) - nowMs));
  }
}
