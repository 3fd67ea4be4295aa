import { Problems } from '../../core/problems.ts';
import { backoffStrategies, jitters, type BackoffSettings } from '../backoff/index.ts';
import { validateBreakerConfig, type BreakerConfig } from '../breaker/breaker-config.ts';
import type { ErrorClass, ErrorKind } from '../classify/error-class.ts';
import { ReliabilityConfigError } from '../errors.ts';
import type { RetryBudgetConfig } from './retry-budget.ts';

/** Names an error by its `code` or `name`, or decides by looking at it. */
export type ErrorMatcher = string | ((error: unknown) => boolean);

export interface RetryNotice {
  readonly name: string;
  /** Number of the attempt that failed, from 1. */
  readonly attempt: number;
  readonly delayMs: number;
  readonly error: unknown;
  readonly errorClass: ErrorClass;
}

/** Everything that decides whether, when and how long one call is tried. Plain data but for the matchers and the hook. */
export interface RetryConfig extends BackoffSettings {
  /** Attempts in all, the first included; 1 = never retry. */
  readonly maxAttempts: number;
  /** Milliseconds for one attempt; Infinity = only the total counts. */
  readonly attemptTimeoutMs: number;
  /** Milliseconds for the whole call, waits included; Infinity = only the deadline counts. */
  readonly totalTimeoutMs: number;
  /** Retried although their class says no. Never overrules `nonRetryableErrors`. */
  readonly retryableErrors: readonly ErrorMatcher[];
  /** Never retried, whatever their class says. */
  readonly nonRetryableErrors: readonly ErrorMatcher[];
  /** Other attempts and waits for one kind of error, e.g. a longer base for `rate-limit`. */
  readonly perErrorKind: Readonly<Partial<Record<ErrorKind, Partial<BackoffSettings & { readonly maxAttempts: number }>>>>;
  /** Retry an error that an inner retry has already given up on. Multiplies attempts: 3 layers of 3 are 27 calls. @default false */
  readonly retryExhausted: boolean;
  /** Settings of the dependency's breaker, or false for none. */
  readonly breaker: Partial<BreakerConfig> | false;
  /** Cap on retries as a share of calls, shared by all calls to the dependency; false = none. */
  readonly budget: RetryBudgetConfig | false;
  /** Wait at least as long as the server asks. */
  readonly honourRetryAfter: boolean;
  /** A server that asks for more is not waited for: the call fails at once. Milliseconds. */
  readonly maxRetryAfterMs: number;
  /** Told before each wait; what it throws is reported, never thrown into the call. */
  readonly onRetry: ((notice: RetryNotice) => void) | undefined;
}

export const defaultRetryConfig: RetryConfig = Object.freeze({
  maxAttempts: 3,
  strategy: 'exponential',
  baseDelayMs: 100,
  maxDelayMs: 20_000,
  multiplier: 2,
  jitter: 'full',
  jitterRange: 0.25,
  attemptTimeoutMs: 10_000,
  totalTimeoutMs: 60_000,
  retryableErrors: Object.freeze([]),
  nonRetryableErrors: Object.freeze([]),
  perErrorKind: Object.freeze({}),
  retryExhausted: false,
  breaker: Object.freeze({}),
  budget: Object.freeze({ ratio: 0.2, reserve: 10, refillPerSecond: 1 }),
  honourRetryAfter: true,
  maxRetryAfterMs: 60_000,
  onRetry: undefined,
});

/**
 * `overrides` on top of `base`, checked, copied and frozen: changing the object afterwards changes
 * nothing. Settings of breaker, budget and single error kinds are merged field by field.
 * @throws ReliabilityConfigError naming every impossible value
 */
export function resolveRetryConfig(base: RetryConfig, overrides: Partial<RetryConfig> = {}): RetryConfig {
  const given = dropUndefined(overrides);
  const config: RetryConfig = {
    ...base,
    ...given,
    breaker: merged(base.breaker, given.breaker),
    budget: merged(base.budget, given.budget),
    perErrorKind: { ...base.perErrorKind, ...given.perErrorKind },
  };
  const problems = new Problems();
  validate(config, problems);
  if (problems.any) throw new ReliabilityConfigError(problems.list);
  return Object.freeze({
    ...config,
    retryableErrors: Object.freeze([...config.retryableErrors]),
    nonRetryableErrors: Object.freeze([...config.nonRetryableErrors]),
    perErrorKind: Object.freeze({ ...config.perErrorKind }),
    breaker: config.breaker === false ? false : Object.freeze({ ...config.breaker }),
    budget: config.budget === false ? false : Object.freeze({ ...config.budget }),
  });
}

function merged<T extends object>(base: T | false, override: T | false | undefined): T | false {
  if (override === undefined) return base;
  return override === false || base === false ? override : { ...base, ...dropUndefined(override) };
}

/** An explicit `undefined` in overrides means "not given". */
function dropUndefined<T extends object>(overrides: T): T {
  return Object.fromEntries(Object.entries(overrides).filter(([, value]) => value !== undefined)) as T;
}

function validate(config: RetryConfig, problems: Problems): void {
  if (!Number.isInteger(config.maxAttempts) || config.maxAttempts < 1) problems.add('maxAttempts', `is ${config.maxAttempts}`, 'use a whole number from 1');
  validateBackoff('', config, problems);
  for (const [kind, override] of Object.entries(config.perErrorKind)) validateBackoff(`perErrorKind.${kind}.`, { ...config, ...override }, problems);
  for (const field of ['attemptTimeoutMs', 'totalTimeoutMs', 'maxRetryAfterMs'] as const) {
    if (!(config[field] > 0)) problems.add(field, `is ${config[field]}`, 'use milliseconds above 0, or Infinity');
  }
  if (config.budget !== false) {
    for (const field of ['ratio', 'reserve', 'refillPerSecond'] as const) {
      const value = config.budget[field];
      if (!Number.isFinite(value) || value < 0) problems.add(`budget.${field}`, `is ${value}`, 'use a number from 0');
    }
  }
  if (config.breaker !== false) validateBreakerConfig(config.breaker, 'breaker.', problems);
}

function validateBackoff(prefix: string, settings: BackoffSettings, problems: Problems): void {
  if (!Object.hasOwn(backoffStrategies, settings.strategy)) problems.add(`${prefix}strategy`, `is "${settings.strategy}"`, `use one of ${Object.keys(backoffStrategies).join(', ')}`);
  if (!Object.hasOwn(jitters, settings.jitter)) problems.add(`${prefix}jitter`, `is "${settings.jitter}"`, `use one of ${Object.keys(jitters).join(', ')}`);
  for (const field of ['baseDelayMs', 'maxDelayMs', 'multiplier'] as const) {
    const value = settings[field];
    if (!Number.isFinite(value) || value < 0) problems.add(`${prefix}${field}`, `is ${value}`, 'use a finite number from 0');
  }
  if (!(settings.jitterRange >= 0 && settings.jitterRange <= 1)) problems.add(`${prefix}jitterRange`, `is ${settings.jitterRange}`, 'use a share from 0 to 1');
}
