import type { Clock } from '../../core/clock.ts';
import type { Rng } from '../../core/rng.ts';
import { classifyError } from '../classify/classify-error.ts';
import { CircuitBreakerOpenError, stackless, type RefusingState } from '../errors.ts';
import { resolveBreakerConfig, type BreakerConfig } from './breaker-config.ts';
import { CLOSED, type BreakerState, type BreakerStateKind, type BreakerTransition, type Probe } from './breaker-state.ts';
import { createBreakerWindow, type BreakerWindow } from './breaker-window.ts';
import { parseStoredBreaker, STORED_BREAKER_VERSION, type StoredBreaker } from './stored-breaker.ts';

/** What a refused caller is told while a probe is under way: longer than a healthy probe takes, far below its lease. */
const PROBE_RETRY_MS = 1_000;
const RAMP_RETRY_MS = 100;
const REFUSED = 0;

export interface CircuitBreakerOptions {
  readonly key: string;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly config?: Partial<BreakerConfig>;
  /** Must not throw; the manager passes its guarded emitter. */
  readonly onTransition?: (transition: BreakerTransition) => void;
}

/**
 * One dependency's circuit. Every admission carries a ticket (after sony/gobreaker's generation):
 * an outcome whose ticket is not of the present state changes nothing, so that a call begun before
 * an outage can neither open nor close what came after. No timer, no listener: time is read when a
 * call comes. Half-open admits `maxProbes` with a lease each and refuses everybody else.
 */
export class CircuitBreaker {
  readonly key: string;
  readonly config: BreakerConfig;
  readonly #clock: Clock;
  readonly #rng: Rng;
  readonly #onTransition: ((transition: BreakerTransition) => void) | undefined;
  readonly #window: BreakerWindow;
  #state: BreakerState = CLOSED;
  /** Grows with every transition and probe; tickets are never reused. */
  #lastTicket = 1;
  #closedTicket = 1;
  #lateOutcomes = 0;

  constructor(options: CircuitBreakerOptions) {
    this.key = options.key;
    this.config = resolveBreakerConfig(options.config);
    this.#clock = options.clock;
    this.#rng = options.rng;
    this.#onTransition = options.onTransition;
    this.#window = createBreakerWindow(this.config, options.clock);
  }

  /** As the next caller would find it: an open circuit whose time is up reads `half-open`. */
  get state(): BreakerStateKind {
    return this.#state.kind === 'open' && this.#clock.monotonicMs() >= this.#state.untilMs ? 'half-open' : this.#state.kind;
  }

  /** Outcomes that came after the state they were admitted in had ended. */
  get lateOutcomes(): number {
    return this.#lateOutcomes;
  }

  /** Whether `succeed` and `fail` make use of a duration. */
  get needsDuration(): boolean {
    return this.config.slowCallMs !== Infinity;
  }

  /** Milliseconds until a call may be admitted; 0 where one would be now. */
  get retryAfterMs(): number {
    const state = this.#state;
    switch (state.kind) {
      case 'closed':
        return state.ramp !== undefined && this.#rampFull(state.ramp) ? RAMP_RETRY_MS : 0;
      case 'open':
        return Math.max(0, state.untilMs - this.#clock.monotonicMs());
      case 'half-open':
        return this.#freeProbeSlots(state.probes) > 0 ? 0 : this.#probeRetryMs(state.probes);
      case 'isolated':
        return this.config.recoveryMs;
    }
  }

  /**
   * Runs `operation` if the circuit admits it. Failures that do not blame the dependency (a 404, a
   * constraint violation) count as an answer; a cancelled call counts as nothing.
   * @throws CircuitBreakerOpenError without calling `operation`
   */
  async execute<T>(operation: () => Promise<T>): Promise<T> {
    const ticket = this.tryAdmit();
    if (ticket === REFUSED) throw this.refusal();
    const startedAtMs = this.needsDuration ? this.#clock.monotonicMs() : 0;
    try {
      const value = await operation();
      this.succeed(ticket, this.needsDuration ? this.#clock.monotonicMs() - startedAtMs : 0);
      return value;
    } catch (error) {
      const durationMs = this.needsDuration ? this.#clock.monotonicMs() - startedAtMs : 0;
      this.settle(ticket, classifyError(error, this.#clock).blame, durationMs);
      throw error;
    }
  }

  /** A ticket to hand back with the outcome, or 0: refused. Each ticket must be given back once, by `succeed`, `fail` or `release`. */
  tryAdmit(): number {
    if (this.#state === CLOSED) return this.#closedTicket;
    return this.#admitWithLimits();
  }

  /** The error for a caller whom `tryAdmit` refused. */
  refusal(): CircuitBreakerOpenError {
    const kind = this.#state.kind;
    const state: RefusingState = kind === 'closed' ? 'ramping' : kind;
    const retryAfterMs = this.retryAfterMs;
    return stackless(() => new CircuitBreakerOpenError(this.key, state, retryAfterMs));
  }

  /** Hands back a ticket with what the error class says about the dependency. */
  settle(ticket: number, blame: 'dependency' | 'none' | 'not-asked', durationMs: number): void {
    if (blame === 'dependency') this.fail(ticket, durationMs);
    else if (blame === 'none') this.succeed(ticket, durationMs);
    else this.release(ticket);
  }

  succeed(ticket: number, durationMs: number): void {
    this.#outcome(ticket, false, durationMs);
  }

  fail(ticket: number, durationMs: number): void {
    this.#outcome(ticket, true, durationMs);
  }

  /** Hands back a ticket whose call says nothing about the dependency: cancelled, or never sent. */
  release(ticket: number): void {
    const state = this.#state;
    if (state.kind === 'half-open') this.#takeProbe(state.probes, ticket);
    else if (state.kind === 'closed' && state.ramp !== undefined && ticket === this.#closedTicket) state.ramp.inFlight--;
  }

  /** Refuses every call until the returned function (of each holder) was called; `reset` ends it for all. */
  isolate(reason = 'by hand'): () => void {
    if (this.#state.kind === 'isolated') this.#state.holds++;
    else this.#enter({ kind: 'isolated', reason, holds: 1 }, `isolated: ${reason}`);
    const held = this.#state;
    let released = false;
    return () => {
      if (released || held.kind !== 'isolated') return;
      released = true;
      held.holds--;
      if (held.holds === 0 && this.#state === held) this.#close('isolation ended');
    };
  }

  /** Closes it by hand, with the usual ramp. */
  reset(): void {
    if (this.#state.kind !== 'closed') this.#close('reset by hand');
    else this.#window.clear();
  }

  toJSON(): StoredBreaker {
    const wallMs = this.#clock.now();
    const state = this.#state;
    const untilMs = state.kind === 'open' ? state.untilMs : this.#clock.monotonicMs();
    return {
      v: STORED_BREAKER_VERSION,
      key: this.key,
      taken_at: wallMs,
      // A half-open circuit is stored as open with its time up: the probes under way belong to this process.
      state:
        state.kind === 'closed'
          ? { kind: 'closed' }
          : state.kind === 'isolated'
            ? { kind: 'isolated', reason: state.reason }
            : { kind: 'open', until: Math.round(wallMs + untilMs - this.#clock.monotonicMs()), openings: state.openings },
      window_kind: this.config.kind,
      window: this.#window.toJSON(),
    };
  }

  /**
   * Takes over a stored state. The time left of an open circuit is read off the wall clock and cut to
   * `maxRecoveryMs`, so that a clock that was set back cannot keep it open for years.
   * @throws BreakerStateError on text or an object that `toJSON` did not give
   */
  restore(stored: unknown): void {
    const parsed = parseStoredBreaker(stored);
    const wallMs = this.#clock.now();
    this.#window.clear();
    if (parsed.window_kind === this.config.kind) this.#window.restore(parsed.window, wallMs - parsed.taken_at);
    const { state } = parsed;
    if (state.kind === 'isolated') this.#enter({ kind: 'isolated', reason: state.reason, holds: 1 }, 'restored');
    else if (state.kind === 'closed') this.#enter(CLOSED, 'restored');
    else {
      const leftMs = Math.min(Math.max(0, state.until - wallMs), Math.max(this.config.recoveryMs, this.config.maxRecoveryMs));
      this.#enter({ kind: 'open', untilMs: this.#clock.monotonicMs() + leftMs, openings: state.openings }, 'restored');
    }
  }

  #admitWithLimits(): number {
    let state = this.#state;
    if (state.kind === 'closed') return this.#admitRamp(state.ramp as NonNullable<typeof state.ramp>);
    if (state.kind === 'isolated') return REFUSED;
    if (state.kind === 'open') {
      if (this.#clock.monotonicMs() < state.untilMs) return REFUSED;
      this.#enter({ kind: 'half-open', probes: [], successes: 0, openings: state.openings }, 'open time is over');
      state = this.#state;
      // A transition listener may have moved it on.
      if (state.kind !== 'half-open') return this.tryAdmit();
    }
    return this.#admitProbe(state.probes);
  }

  #admitProbe(probes: Probe[]): number {
    if (this.#freeProbeSlots(probes) === 0) return REFUSED;
    const ticket = ++this.#lastTicket;
    probes.push({ ticket, leaseEndsAtMs: this.#clock.monotonicMs() + this.config.probeLeaseMs });
    return ticket;
  }

  #admitRamp(ramp: { slots: number; inFlight: number; endsAtMs: number }): number {
    if (this.#clock.monotonicMs() >= ramp.endsAtMs) {
      this.#state = CLOSED;
      return this.#closedTicket;
    }
    if (this.#rampFull(ramp)) return REFUSED;
    ramp.inFlight++;
    return this.#closedTicket;
  }

  #rampFull(ramp: { slots: number; inFlight: number; endsAtMs: number }): boolean {
    return ramp.inFlight >= ramp.slots && this.#clock.monotonicMs() < ramp.endsAtMs;
  }

  /** Drops probes whose lease has run out: a hung probe must not keep the circuit half-open for ever. */
  #freeProbeSlots(probes: Probe[]): number {
    const nowMs = this.#clock.monotonicMs();
    for (let index = probes.length - 1; index >= 0; index--) {
      if ((probes[index] as Probe).leaseEndsAtMs <= nowMs) probes.splice(index, 1);
    }
    return Math.max(0, this.config.maxProbes - probes.length);
  }

  #probeRetryMs(probes: readonly Probe[]): number {
    const leaseEndsAtMs = Math.min(...probes.map((probe) => probe.leaseEndsAtMs));
    return Math.max(1, Math.min(PROBE_RETRY_MS, leaseEndsAtMs - this.#clock.monotonicMs()));
  }

  #takeProbe(probes: Probe[], ticket: number): boolean {
    const index = probes.findIndex((probe) => probe.ticket === ticket);
    if (index >= 0) probes.splice(index, 1);
    return index >= 0;
  }

  #outcome(ticket: number, failed: boolean, durationMs: number): void {
    const state = this.#state;
    if (state.kind === 'closed' && ticket === this.#closedTicket) {
      this.#window.record(failed, durationMs > this.config.slowCallMs);
      if (state.ramp !== undefined) this.#steerRamp(state.ramp, failed);
      if (this.#window.shouldOpen()) this.#open(1, 'too many calls failed');
    } else if (state.kind === 'half-open' && this.#takeProbe(state.probes, ticket)) {
      if (failed || durationMs > this.config.slowCallMs) this.#open(state.openings + 1, failed ? 'probe failed' : 'probe was slow');
      else if (++state.successes >= this.config.probeSuccesses) this.#close('probes succeeded');
    } else {
      this.#lateOutcomes++;
    }
  }

  #steerRamp(ramp: { slots: number; inFlight: number }, failed: boolean): void {
    ramp.inFlight--;
    ramp.slots = failed ? Math.max(1, Math.floor(ramp.slots / 2)) : ramp.slots * 2;
    if (ramp.slots > this.config.rampSlots) this.#state = CLOSED;
  }

  #open(openings: number, reason: string): void {
    const { recoveryMs, recoveryMultiplier, maxRecoveryMs, recoveryJitter } = this.config;
    const grownMs = Math.min(recoveryMs * recoveryMultiplier ** (openings - 1), Math.max(recoveryMs, maxRecoveryMs));
    const openMs = grownMs * (1 + recoveryJitter * (recoveryJitter === 0 ? 0 : this.#rng.next()));
    this.#window.clear();
    this.#enter({ kind: 'open', untilMs: this.#clock.monotonicMs() + openMs, openings }, reason);
  }

  #close(reason: string): void {
    this.#window.clear();
    const ramp = this.config.rampSlots === 0 ? undefined : { slots: 1, inFlight: 0, endsAtMs: this.#clock.monotonicMs() + this.config.probeLeaseMs };
    this.#enter(ramp === undefined ? CLOSED : { kind: 'closed', ramp }, reason);
  }

  #enter(next: BreakerState, reason: string): void {
    const from = this.#state.kind;
    this.#state = next;
    this.#lastTicket++;
    if (next.kind === 'closed') this.#closedTicket = this.#lastTicket;
    if (from === next.kind || this.#onTransition === undefined) return;
    const retryAfterMs = next.kind === 'open' ? Math.max(0, next.untilMs - this.#clock.monotonicMs()) : 0;
    this.#onTransition({ key: this.key, from, to: next.kind, at: this.#clock.now(), reason, retryAfterMs });
  }
}
