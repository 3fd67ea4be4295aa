import type { ReportLevel, SectionName } from '../../jobs/job.ts';

/** How far an attempt has come (D09), as others see it. */
export interface ReportGenerationSnapshot {
  readonly run_id: string;
  /** Wall clock, milliseconds since the Unix epoch. */
  readonly started_at: number;
  readonly completed_sections: readonly SectionName[];
  readonly pending_sections: readonly SectionName[];
  readonly strategy_level: ReportLevel;
  readonly checkpoints_saved: number;
  readonly recovery_attempts: number;
  readonly fallback_triggered: boolean;
}

/** Grows while a report is made; `toJSON` gives a snapshot that later changes do not touch. */
export class ReportGenerationState {
  readonly #runId: string;
  readonly #startedAt: number;
  readonly #completed: SectionName[] = [];
  #pending: readonly SectionName[] = [];
  #level: ReportLevel = 'FULL';
  #checkpointsSaved = 0;
  #recoveryAttempts = 0;
  #fallbackTriggered = false;

  constructor(runId: string, startedAt: number) {
    this.#runId = runId;
    this.#startedAt = startedAt;
  }

  get completed(): readonly SectionName[] {
    return this.#completed;
  }

  get checkpointsSaved(): number {
    return this.#checkpointsSaved;
  }

  get fallbackTriggered(): boolean {
    return this.#fallbackTriggered;
  }

  /** @param order of generation; what is complete already is no longer pending */
  plan(level: ReportLevel, order: readonly SectionName[]): void {
    this.#level = level;
    this.#pending = order.filter((section) => !this.#completed.includes(section));
  }

  sectionCompleted(section: SectionName): void {
    if (!this.#completed.includes(section)) this.#completed.push(section);
    this.#pending = this.#pending.filter((pending) => pending !== section);
  }

  checkpointSaved(): void {
    this.#checkpointsSaved += 1;
  }

  /** Something other than the straight way was tried: a second request, the data helper, a resume, a substitute. */
  recoveryAttempted(): void {
    this.#recoveryAttempts += 1;
  }

  /** A substitute is in the report, or less than was planned. */
  fellBack(): void {
    this.#fallbackTriggered = true;
    this.recoveryAttempted();
  }

  toJSON(): ReportGenerationSnapshot {
    return {
      run_id: this.#runId,
      started_at: this.#startedAt,
      completed_sections: [...this.#completed],
      pending_sections: [...this.#pending],
      strategy_level: this.#level,
      checkpoints_saved: this.#checkpointsSaved,
      recovery_attempts: this.#recoveryAttempts,
      fallback_triggered: this.#fallbackTriggered,
    };
  }
}
