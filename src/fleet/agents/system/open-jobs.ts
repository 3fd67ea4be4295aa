import type { Clock } from '../../../core/clock.ts';
import type { ReportRequest } from '../../jobs/messages.ts';

/** When something was last seen to happen with each job that this orchestrator has under way. */
export class OpenJobs {
  readonly #clock: Clock;
  readonly #touchedAtMs = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#touchedAtMs.size;
  }

  touch(request: Pick<ReportRequest, 'run_id'>): void {
    this.#touchedAtMs.set(request.run_id, this.#clock.monotonicMs());
  }

  forget(runId: string): void {
    this.#touchedAtMs.delete(runId);
  }

  /** Infinity for a job that is not under way here. */
  silentForMs(runId: string): number {
    const touchedAtMs = this.#touchedAtMs.get(runId);
    return touchedAtMs === undefined ? Number.POSITIVE_INFINITY : this.#clock.monotonicMs() - touchedAtMs;
  }
}
