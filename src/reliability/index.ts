export { backoffDelayMs, backoffStrategies, jitters, type BackoffInput, type BackoffSettings, type BackoffStrategy, type BackoffStrategyName, type Jitter, type JitterName } from './backoff/index.ts';
export { defaultBreakerConfig, type BreakerConfig } from './breaker/breaker-config.ts';
export type { BreakerStateKind, BreakerTransition } from './breaker/breaker-state.ts';
export { CircuitBreaker, type CircuitBreakerOptions } from './breaker/circuit-breaker.ts';
export { STORED_BREAKER_VERSION, type StoredBreaker } from './breaker/stored-breaker.ts';
export { Bulkhead, type BulkheadConfig, type Waiter } from './bulkhead.ts';
export type { Operation } from './call/call.ts';
export type { CallContext, CallRequest } from './call/call-plan.ts';
export { classifyError } from './classify/classify-error.ts';
export { factsOfStatus } from './classify/http.ts';
export type { ErrorClass, ErrorKind } from './classify/error-class.ts';
export { reliabilityErrorCodes } from './error-codes.ts';
export {
  BreakerStateError,
  BulkheadFullError,
  CircuitBreakerOpenError,
  DeadlineExceededError,
  HedgeLostError,
  ReliabilityConfigError,
  TimeoutError,
  type RefusingState,
} from './errors.ts';
export type { ReliabilityEvent, ReliabilityEventType, StopReason } from './events.ts';
export { degradedFallback, type DegradedMode, type DegradedModes } from './fallback/degraded-mode.ts';
export { firstOf, generatedFallback, outageKinds, type Fallback, type FallbackAnswer, type FallbackContext, type FallbackStrategy } from './fallback/fallback.ts';
export { LastGoodCache, type CachedFallbackOptions } from './fallback/last-good-cache.ts';
export type { ComponentHealth, RecordedError } from './health/component-health.ts';
export { healthScore, healthStatus, penalties, systemScore, type HealthStatus } from './health/health-score.ts';
export type { SystemHealth } from './health/system-health.ts';
export type { HedgeConfig } from './hedge.ts';
export type { CallSettings, ExecuteOptions } from './execute-options.ts';
export { ReliabilityManager, type ReliabilityManagerOptions } from './manager.ts';
export { defaultProfiles, type Profile, type ProfileName, type ProfileOverride } from './profiles.ts';
export { MAX_RETRY_AFTER_MS, parseRetryAfter, retryAfterMsFromHeaders } from './retry/retry-after.ts';
export { RetryBudget, type RetryBudgetConfig } from './retry/retry-budget.ts';
export { defaultRetryConfig, resolveRetryConfig, type ErrorMatcher, type RetryConfig, type RetryNotice } from './retry/retry-config.ts';
export { RetryHandler, type RetryHandlerOptions } from './retry/retry-handler.ts';
// What a program needs to make a manager, so that this entry point is enough by itself.
export { systemClock, type CancelTimer, type Clock } from '../core/clock.ts';
export { DEADLINE_HEADER, deadlineAfter, deadlineFromWall, type Deadline } from '../core/deadline.ts';
export { Emitter, type Unsubscribe } from '../core/emitter.ts';
export { isNetraError, NetraError, type ErrorBody, type Recovery, type Severity } from '../core/errors.ts';
export { createEntropyRng, createRng, type Rng } from '../core/rng.ts';
