import type { Clock } from '../../../core/clock.ts';

/** When something was last seen to happen with each job that has no report yet. */
export class OpenJobs {
  readonly #clock: Clock;
  readonly #touchedAtMs = new Map<string, number>();
  #lastOutcomeAtMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#touchedAtMs.size;
  }

  touch(runId: string): void {
    this.#touchedAtMs.set(runId, this.#clock.monotonicMs());
  }

  /** Marks a job as known to be going nowhere: the next sweep takes it up. */
  abandon(runId: string): void {
    this.#touchedAtMs.set(runId, Number.NEGATIVE_INFINITY);
  }

  settled(runId: string): void {
    this.#touchedAtMs.delete(runId);
    this.#lastOutcomeAtMs = this.#clock.monotonicMs();
  }

  /**
   * Whether a job has to be taken up again: nothing was seen of it for `silentMs`, and nothing of any
   * other either, since a job may well wait that long in a queue that moves. A job that is not known
   * here (the orchestrator was restarted) may be under way elsewhere: it is watched from now on.
   */
  isStale(runId: string, silentMs: number): boolean {
    const touchedAtMs = this.#touchedAtMs.get(runId);
    if (touchedAtMs === undefined) {
      this.touch(runId);
      return false;
    }
    if (touchedAtMs === Number.NEGATIVE_INFINITY) return true;
    const nowMs = this.#clock.monotonicMs();
    return nowMs - touchedAtMs > silentMs && nowMs - this.#lastOutcomeAtMs > silentMs;
  }
}
