import type { Clock } from '../../../core/clock.ts';

interface OpenJob {
  readonly openedAtMs: number;
  touchedAtMs: number;
  /** With a reporting host, as far as is known here. */
  dispatched: boolean;
  /** Times that its data could not be gathered. */
  gatherFailures: number;
}

/** A job that is silent for this many times `silentMs` is taken up again although others move: it is in no queue. */
const lostAfter = 4;

/** When something was last seen to happen with each job that has no report yet. */
export class OpenJobs {
  readonly #clock: Clock;
  readonly #jobs = new Map<string, OpenJob>();
  #lastOutcomeAtMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  knows(runId: string): boolean {
    return this.#jobs.has(runId);
  }

  touch(runId: string): void {
    this.#of(runId).touchedAtMs = this.#clock.monotonicMs();
  }

  dispatched(runId: string): void {
    this.touch(runId);
    this.#of(runId).dispatched = true;
  }

  /** Whether this orchestrator has given it to a reporting host of which an answer may still come. */
  isDispatched(runId: string): boolean {
    return this.#jobs.get(runId)?.dispatched === true;
  }

  /** How often that has happened now. */
  gatheringFailed(runId: string): number {
    return (this.#of(runId).gatherFailures += 1);
  }

  /** Marks a job as known to be going nowhere: the next sweep takes it up. */
  abandon(runId: string): void {
    const job = this.#of(runId);
    job.touchedAtMs = Number.NEGATIVE_INFINITY;
    job.dispatched = false;
  }

  settled(runId: string): void {
    this.#jobs.delete(runId);
    this.#lastOutcomeAtMs = this.#clock.monotonicMs();
  }

  /** How long the oldest has been known here; 0 where there is none. */
  get oldestAgeMs(): number {
    const nowMs = this.#clock.monotonicMs();
    let oldestMs = 0;
    for (const { openedAtMs } of this.#jobs.values()) oldestMs = Math.max(oldestMs, nowMs - openedAtMs);
    return oldestMs;
  }

  get count(): number {
    return this.#jobs.size;
  }

  get runIds(): readonly string[] {
    return [...this.#jobs.keys()];
  }

  /** For a job of whose report somebody else has told the database. */
  forget(runId: string): void {
    this.#jobs.delete(runId);
  }

  /**
   * Whether a job has to be taken up again: nothing was seen of it for `silentMs`, and nothing of any
   * other either, since a job may well wait that long in a queue that moves; but not for ever. A job
   * that is not known here (the orchestrator was restarted) may be under way elsewhere: it is watched
   * from now on.
   */
  isStale(runId: string, silentMs: number): boolean {
    if (!this.#jobs.has(runId)) {
      this.touch(runId);
      return false;
    }
    const nowMs = this.#clock.monotonicMs();
    const silence = nowMs - this.#of(runId).touchedAtMs;
    return silence > lostAfter * silentMs || (silence > silentMs && nowMs - this.#lastOutcomeAtMs > silentMs);
  }

  #of(runId: string): OpenJob {
    let job = this.#jobs.get(runId);
    if (job === undefined) {
      const nowMs = this.#clock.monotonicMs();
      job = { openedAtMs: nowMs, touchedAtMs: nowMs, dispatched: false, gatherFailures: 0 };
      this.#jobs.set(runId, job);
    }
    return job;
  }
}
