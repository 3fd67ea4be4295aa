import { Attempt } from './attempt.ts';
import type { CallPlan } from './call-plan.ts';

/** The attempts of one call that may still answer: one, or a few where the call is hedged. */
export class LiveAttempts {
  readonly #plan: CallPlan;
  #newest: Attempt | undefined;
  /** Only hedged calls have any. */
  #others: Set<Attempt> | undefined;

  constructor(plan: CallPlan) {
    this.#plan = plan;
  }

  get any(): boolean {
    return this.#newest !== undefined;
  }

  /** How many besides the newest. */
  get others(): number {
    return this.#others?.size ?? 0;
  }

  add(attempt: Attempt): void {
    if (this.#newest !== undefined) (this.#others ??= new Set()).add(this.#newest);
    this.#newest = attempt;
  }

  /**
   * Takes out an attempt whose outcome has come; false where it is not wanted any more. Frees its
   * timer and its slot; its ticket is the caller's to hand back, with the outcome.
   */
  finish(attempt: Attempt): boolean {
    const state = Attempt.stateOf(attempt);
    if (!state.live) return false;
    state.live = false;
    state.timer?.cancel();
    this.#remove(attempt);
    return true;
  }

  /** Ends all without an outcome: the dependency is neither blamed nor praised. */
  abandon(reason: Error): void {
    for (let attempt = this.#newest; attempt !== undefined; attempt = this.#newest) {
      this.finish(attempt);
      this.#plan.breaker?.release(Attempt.stateOf(attempt).ticket);
      this.#plan.bulkhead?.release();
      Attempt.abort(attempt, reason);
    }
  }

  #remove(attempt: Attempt): void {
    if (this.#others?.delete(attempt) === true || this.#newest !== attempt) return;
    [this.#newest] = this.#others ?? [];
    if (this.#newest !== undefined) this.#others?.delete(this.#newest);
  }
}
