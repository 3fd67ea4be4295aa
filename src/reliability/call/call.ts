import { abortReason } from '../../core/abort.ts';
import { asError } from '../../core/errors.ts';
import type { Waiter } from '../bulkhead.ts';
import { classifyError } from '../classify/classify-error.ts';
import { cancelledClass, refusedClass, type ErrorClass } from '../classify/error-class.ts';
import { HedgeLostError, stackless, TimeoutError } from '../errors.ts';
import type { StopReason } from '../events.ts';
import { decideRetry } from '../retry/decide-retry.ts';
import { markExhausted } from '../retry/exhausted.ts';
import { tellRetryHook } from '../retry/retry-hook.ts';
import { joinSignal, type Cancellable, type HubTicket } from '../timeout/signal-hub.ts';
import { Attempt, type AttemptOwner } from './attempt.ts';
import type { CallContext, CallPlan, CallRequest, CallView } from './call-plan.ts';
import { FallbackRun, rememberValue } from './fallback-run.ts';
import { LiveAttempts } from './live-attempts.ts';
import { TimeLimit } from './time-limit.ts';

export type Operation<T> = (context: CallContext) => Promise<T>;

/**
 * Runs `operation` under `plan`: fallback( retry( bulkhead( breaker( timeout( operation ))))), as one
 * state machine with one promise instead of five nested functions with five. The only retry loop of
 * the program.
 */
export function runCall<T>(plan: CallPlan, operation: Operation<T>, request: CallRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    let begun = false;
    // See rejectSoon: a call that is refused at once must not reject before its promise is out.
    const settle = (error: Error): void => (begun ? reject(error) : queueMicrotask(() => reject(error)));
    new Call(plan, operation, request, resolve, settle).begin();
    begun = true;
  });
}

class Call<T> implements CallView, AttemptOwner, Cancellable, Waiter {
  readonly startedAtMs: number;
  attempts = 0;
  readonly #plan: CallPlan;
  readonly #operation: Operation<T>;
  readonly #request: CallRequest<T>;
  readonly #resolve: (value: T) => void;
  readonly #reject: (error: Error) => void;
  readonly #limit: TimeLimit;
  readonly #live: LiveAttempts;
  #previousDelayMs = 0;
  /** Set once no attempt will be made or listened to any more. */
  #done = false;
  /** The last real failure; what a refusal between two attempts must not hide. */
  #lastError: Error | undefined;
  #hub: HubTicket | undefined;
  #parentHub: HubTicket | undefined;
  /** Ends what the call is waiting for: the backoff, a bulkhead slot, the time to hedge. */
  #stopWaiting: (() => void) | undefined;
  #recovery: FallbackRun<T> | undefined;

  constructor(plan: CallPlan, operation: Operation<T>, request: CallRequest<T>, resolve: (value: T) => void, reject: (error: Error) => void) {
    this.#plan = plan;
    this.#operation = operation;
    this.#request = request;
    this.#resolve = resolve;
    this.#reject = reject;
    this.startedAtMs = plan.clock.monotonicMs();
    this.#limit = new TimeLimit(plan, request as CallRequest<never>, this.startedAtMs);
    this.#live = new LiveAttempts(plan);
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
    this.#proceed(this.startedAtMs);
  }

  /** The caller gave up: neither the dependency nor the budget hears of it, and nothing is tried again. */
  cancel(reason: Error): void {
    if (this.#done) return this.#recovery?.cancel(reason);
    this.#done = true;
    this.#wake();
    this.#live.abandon(reason);
    this.#settle(reason, cancelledClass);
  }

  /** Wants to make an attempt: needs time, then a slot, then the circuit. */
  #proceed(nowMs: number): void {
    if (nowMs >= this.#limit.endsAtMs) return this.#fail(this.#limit.error(false));
    const { bulkhead, breaker, observer, timeouts } = this.#plan;
    if (bulkhead === undefined) return this.#launch(nowMs);
    // Queueing for a circuit that refuses would only delay the refusal.
    if (breaker !== undefined && breaker.retryAfterMs > 0) return this.#refusedByBreaker();
    const place = bulkhead.acquire(this);
    if (place === 'slot') return this.#launch(nowMs);
    if (place === 'full') {
      observer.refusedByBulkhead(this, bulkhead);
      return this.#fail(this.#lastError ?? bulkhead.refusal());
    }
    const expire = (): void => {
      this.#wake();
      this.#fail(this.#lastError ?? this.#limit.error(false));
    };
    const timer = this.#limit.endsAtMs === Infinity ? undefined : timeouts.add(nowMs, this.#limit.endsAtMs - nowMs, { expire });
    this.#stopWaiting = () => {
      timer?.cancel();
      bulkhead.leave(this);
    };
  }

  granted(): void {
    this.#wake();
    this.#launch(this.#plan.clock.monotonicMs());
  }

  /** Holds a bulkhead slot, where there is a bulkhead. */
  #launch(nowMs: number): void {
    const { breaker, bulkhead, retry, timeouts } = this.#plan;
    const ticket = breaker === undefined ? 0 : breaker.tryAdmit();
    if (ticket === 0 && breaker !== undefined) {
      bulkhead?.release();
      return this.#refusedByBreaker();
    }
    // Only what reaches the dependency earns retries: an open circuit must not save them up.
    if (this.attempts === 0) this.#plan.budget?.deposit();
    const timeoutMs = Math.min(retry.attemptTimeoutMs, this.#limit.endsAtMs - nowMs);
    const attempt = new Attempt(this, this.#plan, this.#request as CallRequest<never>, ++this.attempts, ticket, nowMs, nowMs + timeoutMs);
    if (timeoutMs !== Infinity) Attempt.stateOf(attempt).timer = timeouts.add(nowMs, timeoutMs, attempt);
    this.#live.add(attempt);
    if (this.#plan.hedge !== undefined) this.#planHedge(nowMs);
    let answer: Promise<T>;
    try {
      answer = Promise.resolve(this.#operation(attempt));
    } catch (error) {
      return this.#attemptFailed(attempt, error);
    }
    answer.then(
      (value) => this.#attemptSucceeded(attempt, value),
      (error: unknown) => this.#attemptFailed(attempt, error),
    );
  }

  #planHedge(nowMs: number): void {
    const { hedge, idempotent, budget, bulkhead, clock, observer } = this.#plan;
    if (hedge === undefined || !idempotent) return;
    if (this.#live.others >= (hedge.maxHedges ?? 1) || nowMs + hedge.delayMs >= this.#limit.endsAtMs) return;
    this.#stopWaiting = clock.setTimer(hedge.delayMs, () => {
      this.#stopWaiting = undefined;
      // A hedge is a luxury: where the slots or the budget are used up it is left out, and the call goes on without.
      if (bulkhead !== undefined && bulkhead.inFlight >= bulkhead.config.maxConcurrent) return;
      if (budget !== undefined && !budget.withdraw()) return;
      bulkhead?.acquire(this);
      observer.hedged(this, hedge.delayMs);
      this.#launch(clock.monotonicMs());
    });
  }

  #attemptSucceeded(attempt: Attempt, value: T): void {
    if (!this.#live.finish(attempt)) return;
    const state = Attempt.stateOf(attempt);
    const { breaker, bulkhead, clock, hedge, name, observer } = this.#plan;
    if (breaker !== undefined) breaker.succeed(state.ticket, breaker.needsDuration ? clock.monotonicMs() - state.startedAtMs : 0);
    bulkhead?.release();
    this.#done = true;
    if (hedge !== undefined) {
      this.#wake();
      if (this.#live.any) this.#live.abandon(stackless(() => new HedgeLostError(name)));
    }
    this.#leaveHubs();
    if (this.#request.fallback !== undefined) rememberValue(this.#plan, this.#request.fallback, value);
    observer.succeeded(this);
    this.#resolve(value);
  }

  attemptExpired(attempt: Attempt): void {
    const { name, clock, observer } = this.#plan;
    const { attemptTimeoutMs } = this.#plan.retry;
    const nowMs = clock.monotonicMs();
    const byAttempt = nowMs < this.#limit.endsAtMs;
    observer.timedOut(this, byAttempt ? attemptTimeoutMs : this.#limit.endsAtMs - this.startedAtMs, byAttempt ? 'attempt' : this.#limit.endsBy);
    const error = byAttempt ? stackless(() => new TimeoutError(name, attemptTimeoutMs, 'attempt')) : this.#limit.error(true);
    // A deadline blames the dependency only where most of an attempt's own time was used up: what was left may have been a millisecond.
    const hung = (nowMs - Attempt.stateOf(attempt).startedAtMs) * 2 >= attemptTimeoutMs;
    this.#attemptFailed(attempt, error, hung ? 'dependency' : undefined);
    Attempt.abort(attempt, error);
  }

  #attemptFailed(attempt: Attempt, thrown: unknown, blame?: ErrorClass['blame']): void {
    if (!this.#live.finish(attempt)) return;
    const state = Attempt.stateOf(attempt);
    const { breaker, bulkhead, clock } = this.#plan;
    const errorClass = classifyError(thrown, clock);
    const nowMs = clock.monotonicMs();
    breaker?.settle(state.ticket, blame ?? errorClass.blame, nowMs - state.startedAtMs);
    bulkhead?.release();
    const error = asError(thrown);
    this.#lastError = error;
    // Another attempt of a hedged call may still answer.
    if (this.#live.any) return;
    this.#wake();
    this.#retryOrGiveUp(error, errorClass, nowMs, state.exhaustionMark);
  }

  #retryOrGiveUp(error: Error, errorClass: ErrorClass, nowMs: number, exhaustionMark: number): void {
    const { retry, breaker, budget, rng, idempotent, observer, clock } = this.#plan;
    const decision = decideRetry(
      retry,
      {
        attempt: this.attempts,
        error,
        errorClass,
        previousDelayMs: this.#previousDelayMs,
        remainingMs: this.#limit.endsAtMs - nowMs,
        breakerRetryAfterMs: breaker?.retryAfterMs ?? 0,
        idempotent,
        exhaustionMark,
      },
      budget,
      rng,
    );
    if (!decision.retry) return this.#giveUp(error, errorClass, decision.why);
    this.#previousDelayMs = decision.delayMs;
    observer.retrying(this, error, errorClass, decision.delayMs);
    tellRetryHook(this.#plan, { name: this.#plan.name, attempt: this.attempts, delayMs: decision.delayMs, error, errorClass });
    // A listener or the hook may have aborted the call.
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
    const { breaker, clock, observer } = this.#plan;
    if (breaker === undefined) return;
    observer.refusedByBreaker(this, breaker);
    // A hedge was refused; the attempt before it goes on.
    if (this.#live.any) return;
    if (this.#lastError === undefined) {
      const refusal = breaker.refusal();
      this.#fail(refusal, refusedClass(refusal.retryAfterMs));
    } else this.#giveUp(this.#lastError, classifyError(this.#lastError, clock), 'circuit-open');
  }

  #fail(error: Error, errorClass = classifyError(error, this.#plan.clock)): void {
    if (this.#done) return;
    this.#done = true;
    const { fallback } = this.#request;
    if (fallback === undefined || errorClass.kind === 'cancelled') return this.#settle(error, errorClass);
    this.#plan.observer.failed(this, error, errorClass);
    this.#recovery = new FallbackRun(this.#plan, fallback);
    void this.#recovery.run(this, error, errorClass).then((outcome) => {
      this.#leaveHubs();
      if (outcome.recovered) return this.#resolve(outcome.value);
      this.#plan.observer.rejected(this, outcome.error, outcome.errorClass);
      this.#reject(outcome.error);
    });
  }

  #settle(error: Error, errorClass: ErrorClass): void {
    this.#leaveHubs();
    this.#plan.observer.failed(this, error, errorClass);
    this.#plan.observer.rejected(this, error, errorClass);
    this.#reject(error);
  }

  #leaveHubs(): void {
    this.#hub?.leave();
    this.#parentHub?.leave();
  }

  #wake(): void {
    const stop = this.#stopWaiting;
    this.#stopWaiting = undefined;
    stop?.();
  }
}
