import { raceAbort } from '../../core/abort.ts';
import { asError } from '../../core/errors.ts';
import { classifyError } from '../classify/classify-error.ts';
import { cancelledClass, type ErrorClass } from '../classify/error-class.ts';
import { stackless, TimeoutError } from '../errors.ts';
import { fallbackStrategy, type Fallback, type FallbackAnswer, type FallbackStrategy } from '../fallback/fallback.ts';
import type { CallPlan, CallView } from './call-plan.ts';

export type FallbackOutcome<T> = { readonly recovered: true; readonly value: T } | { readonly recovered: false; readonly error: Error; readonly errorClass: ErrorClass };

/** Looks for a substitute for a call that has finally failed. */
export class FallbackRun<T> {
  readonly #plan: CallPlan;
  readonly #strategy: FallbackStrategy<T>;
  readonly #controller = new AbortController();
  #cancelReason: Error | undefined;

  constructor(plan: CallPlan, fallback: Fallback<T>) {
    this.#plan = plan;
    this.#strategy = fallbackStrategy(fallback);
  }

  /** The caller no longer wants any answer. */
  cancel(reason: Error): void {
    this.#cancelReason = reason;
    this.#controller.abort(reason);
  }

  /** Never rejects: where the fallback has no answer or fails itself, the caller is told why the call failed. */
  async run(call: CallView, error: Error, errorClass: ErrorClass): Promise<FallbackOutcome<T>> {
    const { observer, clock } = this.#plan;
    const { kind } = this.#strategy;
    try {
      const answer = await this.#answer(call, error, errorClass);
      if (answer === undefined) return { recovered: false, error, errorClass };
      observer.fellBack(call, error, errorClass, kind, answer.ageMs);
      return { recovered: true, value: answer.value };
    } catch (thrown) {
      if (this.#cancelReason !== undefined) return { recovered: false, error: this.#cancelReason, errorClass: cancelledClass };
      observer.fallbackFailed(call, asError(thrown), classifyError(thrown, clock), kind);
      return { recovered: false, error, errorClass };
    }
  }

  /** Gives it as long as one attempt: a fallback that hangs must not turn a failure into silence. */
  async #answer(call: CallView, error: Error, errorClass: ErrorClass): Promise<FallbackAnswer<T> | undefined> {
    const { name, retry, timeouts, clock } = this.#plan;
    const { signal } = this.#controller;
    const expire = (): void => this.#controller.abort(stackless(() => new TimeoutError(`${name} (fallback ${this.#strategy.kind})`, retry.attemptTimeoutMs, 'attempt')));
    const timer = retry.attemptTimeoutMs === Infinity ? undefined : timeouts.add(clock.monotonicMs(), retry.attemptTimeoutMs, { expire });
    try {
      return await raceAbort(Promise.resolve(this.#strategy.recover({ name, correlationId: call.correlationId, error, errorClass, signal })), signal);
    } finally {
      timer?.cancel();
    }
  }
}

/** Lets a fallback keep a good value for later; what it throws is reported. */
export function rememberValue<T>(plan: CallPlan, fallback: Fallback<T>, value: T): void {
  try {
    if (typeof fallback === 'object') fallback.remember?.(value, plan.name);
  } catch (error) {
    plan.observer.hookFailed(error);
  }
}
