import type { Clock } from '../../core/clock.ts';
import type { Rng } from '../../core/rng.ts';
import type { CircuitBreaker } from '../breaker/circuit-breaker.ts';
import { runCall, type Operation } from '../call/call.ts';
import type { CallObserver, CallPlan, CallRequest } from '../call/call-plan.ts';
import { timeoutQueueOf } from '../timeout/timeout-queue.ts';
import { RetryBudget } from './retry-budget.ts';
import { defaultRetryConfig, resolveRetryConfig, type RetryConfig } from './retry-config.ts';

export interface RetryHandlerOptions {
  readonly clock: Clock;
  readonly rng: Rng;
  /** On top of `defaultRetryConfig`. */
  readonly config?: Partial<RetryConfig>;
  /** Shown in errors. @default 'call' */
  readonly name?: string;
  /** Whether calls may be repeated although they may have been carried out. @default false */
  readonly idempotent?: boolean;
  /** Checked before each attempt, told each outcome. */
  readonly breaker?: CircuitBreaker;
  /** Shared with others; by default this handler has its own. */
  readonly budget?: RetryBudget;
  readonly onHookError?: (error: unknown) => void;
}

const nothing = (): void => undefined;

/** Retries and timeouts by themselves, without names, events and health; `ReliabilityManager` runs the same loop. */
export class RetryHandler {
  readonly config: RetryConfig;
  readonly #plan: CallPlan;

  /** @throws ReliabilityConfigError */
  constructor(options: RetryHandlerOptions) {
    this.config = resolveRetryConfig(defaultRetryConfig, options.config);
    const { budget } = this.config;
    this.#plan = {
      name: options.name ?? 'call',
      clock: options.clock,
      rng: options.rng,
      timeouts: timeoutQueueOf(options.clock),
      retry: this.config,
      timeLimits: true,
      idempotent: options.idempotent ?? false,
      breaker: options.breaker,
      bulkhead: undefined,
      budget: options.budget ?? (budget === false ? undefined : new RetryBudget(options.clock, budget)),
      hedge: undefined,
      observer: { ...silent, hookFailed: options.onHookError ?? nothing },
    };
  }

  execute<T>(operation: Operation<T>, request: CallRequest<T> = {}): Promise<T> {
    return runCall(this.#plan, operation, request);
  }
}

const silent: CallObserver = {
  began: nothing,
  succeeded: nothing,
  failed: nothing,
  rejected: nothing,
  retrying: nothing,
  gaveUp: nothing,
  timedOut: nothing,
  hedged: nothing,
  refusedByBreaker: nothing,
  refusedByBulkhead: nothing,
  fellBack: nothing,
  fallbackFailed: nothing,
  hookFailed: nothing,
};
