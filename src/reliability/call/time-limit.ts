import { DeadlineExceededError, stackless, TimeoutError } from '../errors.ts';
import type { CallPlan, CallRequest } from './call-plan.ts';

/** When a whole call is over, attempts and waits included: its total timeout or its deadline, whichever is sooner. */
export class TimeLimit {
  readonly endsAtMs: number;
  readonly endsBy: 'total' | 'deadline';
  readonly #name: string;
  readonly #totalMs: number;

  constructor(plan: CallPlan, request: CallRequest<never>, startedAtMs: number) {
    const deadline = request.deadline ?? request.parent?.deadline;
    const deadlineMs = deadline === undefined || !plan.timeLimits ? Infinity : deadline.remainingMs();
    this.#name = plan.name;
    this.#totalMs = plan.timeLimits ? (request.timeoutMs ?? plan.retry.totalTimeoutMs) : Infinity;
    this.endsAtMs = startedAtMs + Math.min(this.#totalMs, deadlineMs);
    this.endsBy = deadlineMs < this.#totalMs ? 'deadline' : 'total';
  }

  error(maybeExecuted: boolean): Error {
    if (this.endsBy === 'deadline') return stackless(() => new DeadlineExceededError(this.#name, maybeExecuted));
    return stackless(() => new TimeoutError(this.#name, this.#totalMs, 'total', maybeExecuted));
  }
}
