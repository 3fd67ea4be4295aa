import type { Clock } from '../core/clock.ts';
import type { Emitter } from '../core/emitter.ts';
import type { Bulkhead } from './bulkhead.ts';
import type { CircuitBreaker } from './breaker/circuit-breaker.ts';
import type { CallObserver, CallView } from './call/call-plan.ts';
import type { ErrorClass } from './classify/error-class.ts';
import type { Component } from './component.ts';
import type { ReliabilityEvent, StopReason } from './events.ts';
import type { ProfileName } from './profiles.ts';

export interface MonitorOptions {
  readonly name: string;
  readonly profile: ProfileName;
  readonly agentEvents: boolean;
  readonly clock: Clock;
  readonly component: Component;
  readonly events: Emitter<ReliabilityEvent>;
  readonly onHookError: (error: unknown) => void;
}

/** Turns what happens to the calls of one name into events and health. Builds no event that nobody listens to. */
export class CallMonitor implements CallObserver {
  readonly #options: MonitorOptions;
  readonly #events: Emitter<ReliabilityEvent>;
  readonly #component: Component;
  readonly #clock: Clock;

  constructor(options: MonitorOptions) {
    this.#options = options;
    this.#events = options.events;
    this.#component = options.component;
    this.#clock = options.clock;
  }

  began(call: CallView): void {
    if (this.#events.hasListeners && this.#options.agentEvents) this.#events.emit({ type: 'agent_thinking', ...this.#facts(call) });
  }

  succeeded(call: CallView): void {
    const nowMs = this.#clock.monotonicMs();
    this.#component.health.success(nowMs);
    if (this.#events.hasListeners) this.#completed(call, 'success', nowMs);
  }

  failed(call: CallView, error: Error, errorClass: ErrorClass): void {
    const { health } = this.#component;
    // A cancelled call says nothing about the dependency.
    if (errorClass.kind === 'cancelled') return;
    // Refusals are counted, not listed: during an outage they would push the errors that explain it off the list.
    if (errorClass.kind === 'refused') return health.failure(this.#clock.monotonicMs());
    const { code } = error as { code?: unknown };
    health.failure(this.#clock.monotonicMs(), {
      at: this.#clock.now(),
      operation: this.#options.name,
      kind: errorClass.kind,
      code: typeof code === 'string' ? code : undefined,
      message: error.message,
      correlationId: call.correlationId,
    });
  }

  rejected(call: CallView, error: Error, errorClass: ErrorClass): void {
    if (!this.#events.hasListeners) return;
    const nowMs = this.#clock.monotonicMs();
    if (this.#options.agentEvents) {
      this.#events.emit({ type: 'agent_error', ...this.#facts(call), error, errorKind: errorClass.kind, durationMs: nowMs - call.startedAtMs, attempts: call.attempts });
    }
    this.#callCompleted(call, errorClass.kind === 'cancelled' ? 'cancelled' : 'error', nowMs);
  }

  retrying(call: CallView, error: Error, errorClass: ErrorClass, delayMs: number): void {
    this.#component.health.retries++;
    if (this.#events.hasListeners) this.#events.emit({ type: 'call.retry', ...this.#facts(call), error, errorKind: errorClass.kind, attempt: call.attempts, delayMs });
  }

  gaveUp(call: CallView, error: Error, errorClass: ErrorClass, why: StopReason): void {
    if (this.#events.hasListeners) this.#events.emit({ type: 'call.gave_up', ...this.#facts(call), error, errorKind: errorClass.kind, attempt: call.attempts, why });
  }

  timedOut(call: CallView, timeoutMs: number, scope: 'attempt' | 'total' | 'deadline'): void {
    this.#component.health.timeouts++;
    if (this.#events.hasListeners) this.#events.emit({ type: 'call.timeout', ...this.#facts(call), attempt: call.attempts, timeoutMs, scope });
  }

  hedged(call: CallView, afterMs: number): void {
    if (this.#events.hasListeners) this.#events.emit({ type: 'call.hedged', ...this.#facts(call), attempt: call.attempts, afterMs });
  }

  refusedByBreaker(call: CallView, breaker: CircuitBreaker): void {
    this.#component.health.refused++;
    if (!this.#events.hasListeners) return;
    this.#events.emit({ type: 'breaker.refused', ...this.#facts(call), key: breaker.key, state: breaker.state, retryAfterMs: breaker.retryAfterMs });
  }

  refusedByBulkhead(call: CallView, bulkhead: Bulkhead): void {
    this.#component.health.refused++;
    if (this.#events.hasListeners) this.#events.emit({ type: 'bulkhead.rejected', ...this.#facts(call), ...bulkhead.config });
  }

  fellBack(call: CallView, error: Error, errorClass: ErrorClass, fallback: string, ageMs: number | undefined): void {
    this.#component.health.fallbacks++;
    if (!this.#events.hasListeners) return;
    this.#events.emit({ type: 'fallback.used', ...this.#facts(call), error, errorKind: errorClass.kind, fallback, ageMs });
    this.#completed(call, 'fallback', this.#clock.monotonicMs());
  }

  fallbackFailed(call: CallView, error: Error, errorClass: ErrorClass, fallback: string): void {
    if (this.#events.hasListeners) this.#events.emit({ type: 'fallback.failed', ...this.#facts(call), error, errorKind: errorClass.kind, fallback });
  }

  hookFailed(error: unknown): void {
    this.#options.onHookError(error);
  }

  #completed(call: CallView, outcome: 'success' | 'fallback', nowMs: number): void {
    if (this.#options.agentEvents) {
      this.#events.emit({ type: 'agent_completed', ...this.#facts(call), durationMs: nowMs - call.startedAtMs, attempts: call.attempts });
    }
    this.#callCompleted(call, outcome, nowMs);
  }

  #callCompleted(call: CallView, outcome: 'success' | 'error' | 'cancelled' | 'fallback', nowMs: number): void {
    this.#events.emit({ type: 'call.completed', ...this.#facts(call), outcome, durationMs: nowMs - call.startedAtMs, attempts: call.attempts });
  }

  #facts(call: CallView): { name: string; service: string; profile: ProfileName; correlationId: string | undefined; at: number } {
    const { name, profile } = this.#options;
    return { name, service: this.#component.name, profile, correlationId: call.correlationId, at: this.#clock.now() };
  }
}
