import type { Rng } from '../../core/rng.ts';
import { backoffDelayMs } from '../backoff/index.ts';
import type { ErrorClass } from '../classify/error-class.ts';
import type { StopReason } from '../events.ts';
import { isExhausted } from './exhausted.ts';
import type { RetryBudget } from './retry-budget.ts';
import type { ErrorMatcher, RetryConfig } from './retry-config.ts';

export interface FailedAttempt {
  /** Attempts made so far, this one included. */
  readonly attempt: number;
  readonly error: unknown;
  readonly errorClass: ErrorClass;
  /** The wait before this attempt, 0 before the first. */
  readonly previousDelayMs: number;
  /** Until the total timeout or the deadline, whichever is sooner. */
  readonly remainingMs: number;
  /** Until the breaker may admit a call; 0 where it would now. */
  readonly breakerRetryAfterMs: number;
  readonly idempotent: boolean;
  /** `exhaustionMark()` when the attempt began. */
  readonly exhaustionMark: number;
}

export type RetryDecision = { readonly retry: true; readonly delayMs: number } | { readonly retry: false; readonly why: StopReason };

/** Decides about one failed attempt; takes from the budget only when all else speaks for a retry. */
export function decideRetry(config: RetryConfig, failed: FailedAttempt, budget: RetryBudget | undefined, rng: Rng): RetryDecision {
  const { error, errorClass } = failed;
  const override = config.perErrorKind[errorClass.kind];
  const settings = override === undefined ? config : { ...config, ...override };

  if (errorClass.kind === 'cancelled' || matches(config.nonRetryableErrors, error)) return stop('not-retriable');
  if (!errorClass.retriable && !matches(config.retryableErrors, error)) return stop('not-retriable');
  if (errorClass.maybeExecuted && !failed.idempotent) return stop('not-idempotent');
  if (!config.retryExhausted && isExhausted(error, failed.exhaustionMark)) return stop('already-retried');
  if (failed.attempt >= settings.maxAttempts) return stop('attempts-used-up');

  let delayMs = backoffDelayMs(settings, failed.attempt, failed.previousDelayMs, rng);
  const { retryAfterMs } = errorClass;
  if (config.honourRetryAfter && retryAfterMs !== undefined) {
    // Never sooner than asked; where that is too long to wait, waiting less would only be refused again.
    if (retryAfterMs > config.maxRetryAfterMs) return stop('retry-after-too-long');
    delayMs = Math.max(delayMs, retryAfterMs);
  }
  if (delayMs >= failed.remainingMs) return stop('out-of-time');
  if (failed.breakerRetryAfterMs > delayMs) return stop('circuit-open');
  if (budget !== undefined && !budget.withdraw()) return stop('budget-used-up');
  return { retry: true, delayMs };
}

function stop(why: StopReason): RetryDecision {
  return { retry: false, why };
}

function matches(matchers: readonly ErrorMatcher[], error: unknown): boolean {
  return matchers.some((matcher) => (typeof matcher === 'function' ? safely(matcher, error) : hasName(error, matcher)));
}

/** A matcher that throws has not recognised the error. */
function safely(matcher: (error: unknown) => boolean, error: unknown): boolean {
  try {
    return matcher(error);
  } catch {
    return false;
  }
}

function hasName(error: unknown, name: string): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, name: errorName } = error as { code?: unknown; name?: unknown };
  return code === name || errorName === name;
}
