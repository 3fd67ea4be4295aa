import { abortReason } from '../../core/abort.ts';
import { asError } from '../../core/errors.ts';
import type { Waiter } from '../bulkhead.ts';
import { classifyError } from '../classify/classify-error.ts';
import type { ErrorClass } from '../classify/error-class.ts';
import { DeadlineExceededError, HedgeLostError, stackless, TimeoutError } from '../errors.ts';
import type { StopReason } from '../events.ts';
import { fallbackStrategy } from '../fallback/fallback.ts';
import { decideRetry } from '../retry/decide-retry.ts';
import { markExhausted } from '../retry/exhausted.ts';
import { joinSignal, type Cancellable, type HubTicket } from '../timeout/signal-hub.ts';
import { Attempt, type AttemptOwner } from './attempt.ts';
import type { CallContext, CallPlan, CallRequest, CallView } from './call-plan.ts';

export type Operation<T> = (context: CallContext) => Promise<T>;

const cancelledClass: ErrorClass = Object.freeze({ kind: 'cancelled', retriable: false, maybeExecuted: true, blame: 'not-asked', retryAfterMs: undefined, source: 'netra' });

/**
 * Runs `operation` under `plan`: fallback( retry( bulkhead( breaker( timeout( operation ))))), as one
 * state machine with one promise instead of five nested functions with five. The only retry loop of
 * the program.
 */
export function runCall<T>(plan: CallPlan, operation: Operation<T>, request: CallRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => new Call(plan, operation, request, resolve, reject).begin());
}

class Call<T> implements CallView, AttemptOwner, Cancellable, Waiter {
  readonly startedAtMs: number;
  attempts = 0;
  readonly #plan: CallPlan;
  readonly #operation: Operation<T>;
  readonly #request: CallRequest<T>;
  readonly #resolve: (value: T) => void;
  readonly #reject: (error: Error) => void;
  /** When the whole call is over, and by what. */
  readonly #endsAtMs: number;
  readonly #endsBy: 'total' | 'deadline';
  #previousDelayMs = 0;
  #done = false;
  #newest: Attempt | undefined;
  /** The other live attempts of a hedged call. */
  #others: Set<Attempt> | undefined;
  /** The last real failure; what a refusal between two attempts must not hide. */
  #lastError: Error | undefined;
  #hub: HubTicket | undefined;
  #parentHub: HubTicket | undefined;
  /** Ends what the call is waiting for: the backoff, a bulkhead slot, the time to hedge. */
  #stopWaiting: (() => void) | undefined;

  constructor(plan: CallPlan, operation: Operation<T>, request: CallRequest<T>, resolve: (value: T) => void, reject: (error: Error) => void) {
    this.#plan = plan;
    this.#operation = operation;
    this.#request = request;
    this.#resolve = resolve;
    this.#reject = reject;
    this.startedAtMs = plan.clock.monotonicMs();
    const deadline = request.deadline ?? request.parent?.deadline;
    const totalMs = request.timeoutMs ?? plan.retry.totalTimeoutMs;
    const deadlineMs = deadline === undefined ? Infinity : deadline.remainingMs();
    this.#endsAtMs = this.startedAtMs + Math.min(totalMs, deadlineMs);
    this.#endsBy = deadlineMs < totalMs ? 'deadline' : 'total';
  }

  get correlationId(): string | undefined {
    return this.#request.correlationId ?? this.#request.parent?.correlationId;
  }

  begin(): void {
    const { signal, parent } = this.#request;
    this.#plan.observer.began(this);
    if (signal !== undefined) {
      if (signal.aborted) return this.cancel(abortReason(signal));
      this.#hub = joinSignal(signal, this);
    }
    if (parent !== undefined) {
      if (parent.signal.aborted) return this.cancel(abortReason(parent.signal));
      this.#parentHub = joinSignal(parent.signal, this);
    }
    this.#plan.budget?.deposit();
    this.#proceed(this.startedAtMs);
  }

  /** Wants to make an attempt: time, then a slot, then the circuit. */
  #proceed(nowMs: number): void {
    if (nowMs >= this.#endsAtMs) return this.#fail(this.#outOfTime(false));
    const { bulkhead, breaker } = this.#plan;
    if (bulkhead === undefined) return this.#launch(nowMs);
    // Queueing for a circuit that refuses would only delay the refusal.
    if (breaker !== undefined && breaker.retryAfterMs > 0) return this.#refusedByBreaker();
    const place = bulkhead.acquire(this);
    if (place === 'slot') return this.#launch(nowMs);
    if (place === 'full') {
      this.#plan.observer.refusedByBulkhead(this, bulkhead);
      return this.#fail(bulkhead.refusal());
    }
    const timer = this.#endsAtMs === Infinity ? undefined : this.#plan.timeouts.add(nowMs, this.#endsAtMs - nowMs, { expire: () => this.#expiredInQueue() });
    this.#stopWaiting = () => {
      timer?.cancel();
      bulkhead.leave(this);
    };
  }

  granted(): void {
    const nowMs = this.#plan.clock.monotonicMs();
    const stopTimer = this.#stopWaiting;
    this.#stopWaiting = undefined;
    stopTimer?.();
    this.#launch(nowMs);
  }

  #expiredInQueue(): void {
    this.#wake();
    this.#fail(this.#outOfTime(false));
  }

  /** Holds a bulkhead slot, where there is a bulkhead. */
  #launch(nowMs: number): void {
    const { breaker, bulkhead, retry, timeouts } = this.#plan;
    const ticket = breaker === undefined ? 0 : breaker.tryAdmit();
    if (ticket === 0 && breaker !== undefined) {
      bulkhead?.release();
      return this.#refusedByBreaker();
    }
    const timeoutMs = Math.min(retry.attemptTimeoutMs, this.#endsAtMs - nowMs);
    const attempt = new Attempt(this, this.#plan, this.#request as CallRequest<never>, ++this.attempts, ticket, nowMs, nowMs + timeoutMs);
    if (timeoutMs !== Infinity) Attempt.stateOf(attempt).timer = timeouts.add(nowMs, timeoutMs, attempt);
    if (this.#newest !== undefined) (this.#others ??= new Set()).add(this.#newest);
    this.#newest = attempt;
    if (this.#plan.hedge !== undefined) this.#planHedge(nowMs);
    let answer: Promise<T>;
    try {
      answer = Promise.resolve(this.#operation(attempt));
    } catch (error) {
      this.#attemptFailed(attempt, error);
      return;
    }
    answer.then(
      (value) => this.#attemptSucceeded(attempt, value),
      (error: unknown) => this.#attemptFailed(attempt, error),
    );
  }

  #planHedge(nowMs: number): void {
    const { hedge, idempotent, budget, bulkhead, clock, observer } = this.#plan;
    if (hedge === undefined || !idempotent) return;
    const liveOthers = this.#others?.size ?? 0;
    if (liveOthers >= (hedge.maxHedges ?? 1) || nowMs + hedge.delayMs >= this.#endsAtMs) return;
    this.#stopWaiting = clock.setTimer(hedge.delayMs, () => {
      this.#stopWaiting = undefined;
      // A hedge is a luxury: it neither queues, nor fails the call when the budget or the slots are used up.
      if (this.#newest === undefined || (budget !== undefined && !budget.withdraw())) return;
      if (bulkhead !== undefined && bulkhead.inFlight >= bulkhead.config.maxConcurrent) {
        budget?.refund();
        return;
      }
      if (bulkhead !== undefined) bulkhead.acquire(this);
      observer.hedged(this, hedge.delayMs);
      this.#launch(clock.monotonicMs());
    });
  }

  #attemptSucceeded(attempt: Attempt, value: T): void {
    const state = Attempt.stateOf(attempt);
    if (!state.live) return;
    state.live = false;
    state.timer?.cancel();
    const { breaker, bulkhead } = this.#plan;
    if (breaker !== undefined) breaker.succeed(state.ticket, breaker.needsDuration ? this.#plan.clock.monotonicMs() - state.startedAtMs : 0);
    bulkhead?.release();
    this.#done = true;
    if (this.#plan.hedge !== undefined) {
      this.#forget(attempt);
      this.#abandonAll(new HedgeLostError(this.#plan.name));
    }
    this.#wake();
    this.#hub?.leave();
    this.#parentHub?.leave();
    const { fallback } = this.#request;
    if (fallback !== undefined) this.#remember(value);
    this.#plan.observer.succeeded(this);
    this.#resolve(value);
  }

  attemptExpired(attempt: Attempt): void {
    const { attemptTimeoutMs } = this.#plan.retry;
    const nowMs = this.#plan.clock.monotonicMs();
    const byAttempt = nowMs < this.#endsAtMs;
    this.#plan.observer.timedOut(this, byAttempt ? attemptTimeoutMs : this.#endsAtMs - this.startedAtMs, byAttempt ? 'attempt' : this.#endsBy);
    const error = byAttempt ? stackless(() => new TimeoutError(this.#plan.name, attemptTimeoutMs, 'attempt')) : this.#outOfTime(true);
    this.#attemptFailed(attempt, error);
    Attempt.abort(attempt, error);
  }

  #attemptFailed(attempt: Attempt, thrown: unknown): void {
    const state = Attempt.stateOf(attempt);
    if (!state.live) return;
    state.live = false;
    state.timer?.cancel();
    const { breaker, bulkhead, clock } = this.#plan;
    const errorClass = classifyError(thrown, clock);
    const nowMs = clock.monotonicMs();
    breaker?.settle(state.ticket, errorClass.blame, nowMs - state.startedAtMs);
    bulkhead?.release();
    this.#forget(attempt);
    const error = asError(thrown);
    this.#lastError = error;
    // Another attempt of a hedged call may still answer.
    if (this.#newest !== undefined) return;
    this.#wake();
    this.#afterFailure(error, errorClass, nowMs);
  }

  #afterFailure(error: Error, errorClass: ErrorClass, nowMs: number): void {
    const { retry, breaker, budget, rng, idempotent, observer, clock } = this.#plan;
    const decision = decideRetry(
      retry,
      {
        attempt: this.attempts,
        error,
        errorClass,
        previousDelayMs: this.#previousDelayMs,
        remainingMs: this.#endsAtMs - nowMs,
        breakerRetryAfterMs: breaker?.retryAfterMs ?? 0,
        idempotent,
      },
      budget,
      rng,
    );
    if (!decision.retry) return this.#giveUp(error, errorClass, decision.why);
    this.#previousDelayMs = decision.delayMs;
    observer.retrying(this, error, errorClass, decision.delayMs);
    this.#tellRetryHook(error, errorClass, decision.delayMs);
    // A hook may have aborted the call.
    if (this.#done) return;
    this.#stopWaiting = clock.setTimer(decision.delayMs, () => {
      this.#stopWaiting = undefined;
      this.#proceed(clock.monotonicMs());
    });
  }

  #giveUp(error: Error, errorClass: ErrorClass, why: StopReason): void {
    const { retry, observer } = this.#plan;
    if (this.attempts > 1 || why === 'budget-used-up' || why === 'circuit-open') markExhausted(error);
    if (retry.maxAttempts > 1) observer.gaveUp(this, error, errorClass, why);
    this.#fail(error, errorClass);
  }

  #refusedByBreaker(): void {
    const breaker = this.#plan.breaker as NonNullable<CallPlan['breaker']>;
    this.#plan.observer.refusedByBreaker(this, breaker);
    if (this.#newest !== undefined) return;
    if (this.#lastError !== undefined) return this.#giveUp(this.#lastError, classifyError(this.#lastError, this.#plan.clock), 'circuit-open');
    this.#fail(breaker.refusal());
  }

  cancel(reason: Error): void {
    if (this.#done) return;
    this.#done = true;
    this.#wake();
    this.#abandonAll(reason);
    this.#end(reason, cancelledClass);
  }

  #fail(error: Error, errorClass = classifyError(error, this.#plan.clock)): void {
    this.#done = true;
    const { fallback } = this.#request;
    const { observer } = this.#plan;
    if (fallback === undefined || errorClass.kind === 'cancelled') return this.#end(error, errorClass);
    this.#hub?.leave();
    this.#parentHub?.leave();
    observer.failed(this, error, errorClass);
    void this.#fallBack(error, errorClass);
  }

  #end(error: Error, errorClass: ErrorClass): void {
    this.#hub?.leave();
    this.#parentHub?.leave();
    this.#plan.observer.failed(this, error, errorClass);
    this.#plan.observer.rejected(this, error, errorClass);
    this.#reject(error);
  }

  async #fallBack(error: Error, errorClass: ErrorClass): Promise<void> {
    const { observer, name } = this.#plan;
    const strategy = fallbackStrategy(this.#request.fallback as NonNullable<CallRequest<T>['fallback']>);
    try {
      const answer = await strategy.recover({ name, correlationId: this.correlationId, error, errorClass });
      if (answer !== undefined) {
        observer.fellBack(this, error, errorClass, strategy.kind, answer.ageMs);
        return this.#resolve(answer.value);
      }
    } catch (fallbackError) {
      // The caller is told why the call failed, not why the substitute did.
      observer.fallbackFailed(this, asError(fallbackError), classifyError(fallbackError, this.#plan.clock), strategy.kind);
    }
    observer.rejected(this, error, errorClass);
    this.#reject(error);
  }

  #remember(value: T): void {
    try {
      const { fallback } = this.#request;
      if (typeof fallback === 'object') fallback.remember?.(value);
    } catch (error) {
      this.#plan.observer.hookFailed(error);
    }
  }

  #tellRetryHook(error: Error, errorClass: ErrorClass, delayMs: number): void {
    try {
      this.#plan.retry.onRetry?.({ name: this.#plan.name, attempt: this.attempts, delayMs, error, errorClass });
    } catch (hookError) {
      this.#plan.observer.hookFailed(hookError);
    }
  }

  #wake(): void {
    const stop = this.#stopWaiting;
    this.#stopWaiting = undefined;
    stop?.();
  }

  /** Takes an attempt whose outcome is known off the list. */
  #forget(attempt: Attempt): void {
    this.#others?.delete(attempt);
    if (this.#newest !== attempt) return;
    const [other] = this.#others ?? [];
    this.#newest = other;
    if (other !== undefined) this.#others?.delete(other);
  }

  /** Ends the live attempts without an outcome: the dependency is neither blamed nor praised. */
  #abandonAll(reason: Error): void {
    for (let attempt = this.#newest; attempt !== undefined; attempt = this.#newest) {
      const state = Attempt.stateOf(attempt);
      state.live = false;
      state.timer?.cancel();
      this.#plan.breaker?.release(state.ticket);
      this.#plan.bulkhead?.release();
      this.#forget(attempt);
      Attempt.abort(attempt, reason);
    }
  }

  #outOfTime(maybeExecuted: boolean): Error {
    const { name } = this.#plan;
    if (this.#endsBy === 'deadline') return stackless(() => new DeadlineExceededError(name, maybeExecuted));
    return stackless(() => new TimeoutError(name, this.#endsAtMs - this.startedAtMs, 'total', maybeExecuted));
  }
}
