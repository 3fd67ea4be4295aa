import { deadlineAfter, type Deadline } from '../../core/deadline.ts';
import { exhaustionMark } from '../retry/exhausted.ts';
import type { Expirable, TimeoutTicket } from '../timeout/timeout-queue.ts';
import type { CallContext, CallPlan, CallRequest } from './call-plan.ts';

/** What an attempt asks of the call that it belongs to. */
export interface AttemptOwner {
  attemptExpired(attempt: Attempt): void;
}

/** One try of the operation, and the context that the operation is given. */
export class Attempt implements CallContext, Expirable {
  readonly attempt: number;
  readonly #owner: AttemptOwner;
  readonly #plan: CallPlan;
  readonly #request: CallRequest<never>;
  readonly #endsAtMs: number;
  #controller: AbortController | undefined;
  #reason: Error | undefined;
  #state: AttemptState;

  constructor(owner: AttemptOwner, plan: CallPlan, request: CallRequest<never>, attempt: number, ticket: number, startedAtMs: number, endsAtMs: number) {
    this.attempt = attempt;
    this.#owner = owner;
    this.#plan = plan;
    this.#request = request;
    this.#endsAtMs = endsAtMs;
    this.#state = { ticket, startedAtMs, timer: undefined, live: true, exhaustionMark: exhaustionMark() };
  }

  get name(): string {
    return this.#plan.name;
  }

  get correlationId(): string | undefined {
    return this.#request.correlationId ?? this.#request.parent?.correlationId;
  }

  get idempotencyKey(): string | undefined {
    return this.#request.idempotencyKey;
  }

  /** Most operations never look at it, and an AbortController costs more than the rest of the call. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#reason !== undefined && !this.#controller.signal.aborted) this.#controller.abort(this.#reason);
    return this.#controller.signal;
  }

  get deadline(): Deadline | undefined {
    const { clock } = this.#plan;
    return this.#endsAtMs === Infinity ? undefined : deadlineAfter(clock, this.#endsAtMs - clock.monotonicMs());
  }

  expire(): void {
    this.#owner.attemptExpired(this);
  }

  /** For the call alone; kept out of the operation's sight by the `CallContext` type. */
  static stateOf(attempt: Attempt): AttemptState {
    return attempt.#state;
  }

  /** Tells the operation that its answer is no longer wanted. */
  static abort(attempt: Attempt, reason: Error): void {
    attempt.#reason = reason;
    attempt.#controller?.abort(reason);
  }
}

interface AttemptState {
  readonly ticket: number;
  readonly startedAtMs: number;
  readonly exhaustionMark: number;
  timer: TimeoutTicket | undefined;
  /** False once its outcome is known, or not wanted any more. */
  live: boolean;
}
