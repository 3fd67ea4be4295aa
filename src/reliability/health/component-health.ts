import type { Clock } from '../../core/clock.ts';
import type { BreakerStateKind } from '../breaker/breaker-state.ts';
import type { ErrorKind } from '../classify/error-class.ts';
import { healthScore } from './health-score.ts';

export interface RecordedError {
  /** Wall clock, milliseconds since the epoch. */
  readonly at: number;
  readonly operation: string;
  readonly kind: ErrorKind;
  readonly code: string | undefined;
  readonly message: string;
  readonly correlationId: string | undefined;
}

export interface ComponentHealth {
  readonly component: string;
  /** 0–100; see `healthScore` for the penalties. */
  readonly score: number;
  readonly breaker: BreakerStateKind | undefined;
  /** Share of calls that succeeded in the last minute, 1 without calls. */
  readonly successRate: number;
  readonly callsInLastMinute: number;
  readonly calls: number;
  readonly failures: number;
  readonly timeouts: number;
  readonly refused: number;
  readonly retries: number;
  readonly fallbacks: number;
  /** At most 100, oldest first. */
  readonly lastErrors: readonly RecordedError[];
}

const MAX_ERRORS = 100;
const MAX_MESSAGE = 300;
const SLOT_MS = 10_000;
const SLOTS = 6;

/** Counts of one dependency: outcomes of whole calls, not of attempts. */
export class HealthRecord {
  readonly #clock: Clock;
  readonly #calls = Array.from({ length: SLOTS }, () => 0);
  readonly #failed = Array.from({ length: SLOTS }, () => 0);
  #newestSlot = 0;
  #totalCalls = 0;
  #totalFailures = 0;
  #errors: RecordedError[] | undefined;
  #nextError = 0;
  timeouts = 0;
  refused = 0;
  retries = 0;
  fallbacks = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  success(nowMs: number): void {
    this.#rotate(nowMs);
    const slot = this.#newestSlot % SLOTS;
    this.#calls[slot] = (this.#calls[slot] as number) + 1;
    this.#totalCalls++;
  }

  /** @param error left out where it says nothing of its own */
  failure(nowMs: number, error?: RecordedError): void {
    this.success(nowMs);
    const slot = this.#newestSlot % SLOTS;
    this.#failed[slot] = (this.#failed[slot] as number) + 1;
    this.#totalFailures++;
    if (error === undefined) return;
    this.#errors ??= [];
    this.#errors[this.#nextError] = { ...error, message: error.message.slice(0, MAX_MESSAGE) };
    this.#nextError = (this.#nextError + 1) % MAX_ERRORS;
  }

  snapshot(component: string, breaker: BreakerStateKind | undefined): ComponentHealth {
    this.#rotate(this.#clock.monotonicMs());
    const callsInLastMinute = sum(this.#calls);
    const successRate = callsInLastMinute === 0 ? 1 : 1 - sum(this.#failed) / callsInLastMinute;
    const errors = this.#errors ?? [];
    const oneMinuteAgo = this.#clock.now() - SLOT_MS * SLOTS;
    const lastErrors = errors.length < MAX_ERRORS ? [...errors] : [...errors.slice(this.#nextError), ...errors.slice(0, this.#nextError)];
    const recent = lastErrors.filter((error) => error.at >= oneMinuteAgo);
    return {
      component,
      score: healthScore({ breaker, successRate, callsInLastMinute, recentTimeouts: recent.filter((error) => error.kind === 'timeout').length, recentErrors: recent.length }),
      breaker,
      successRate,
      callsInLastMinute,
      calls: this.#totalCalls,
      failures: this.#totalFailures,
      timeouts: this.timeouts,
      refused: this.refused,
      retries: this.retries,
      fallbacks: this.fallbacks,
      lastErrors,
    };
  }

  #rotate(nowMs: number): void {
    const current = Math.floor(nowMs / SLOT_MS);
    const passed = Math.min(current - this.#newestSlot, SLOTS);
    if (passed <= 0) return;
    for (let step = 0; step < passed; step++) {
      const slot = (current - step) % SLOTS;
      this.#calls[slot] = 0;
      this.#failed[slot] = 0;
    }
    this.#newestSlot = current;
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
