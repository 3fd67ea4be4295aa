import type { Clock } from '../../core/clock.ts';
import type { Rng } from '../../core/rng.ts';
import { classifyError } from '../classify/classify-error.ts';
import { CircuitBreakerOpenError, stackless, type RefusingState } from '../errors.ts';
import { resolveBreakerConfig, type BreakerConfig } from './breaker-config.ts';
import { rejectSoon } from '../reject-soon.ts';
import { CLOSED, type BreakerState, type BreakerStateKind, type BreakerTransition } from './breaker-state.ts';
import type { BreakerWindow } from './breaker-window.ts';
import { createBreakerWindow } from './create-window.ts';
import { ProbeSlots } from './probe-slots.ts';
import { Ramp } from './ramp.ts';
import { parseStoredBreaker, storedState, STORED_BREAKER_VERSION, type StoredBreaker } from './stored-breaker.ts';

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
  #config: BreakerConfig;
  readonly #clock: Clock;
  readonly #rng: Rng;
  readonly #onTransition: ((transition: BreakerTransition) => void) | undefined;
  #window: BreakerWindow;
  #state: BreakerState = CLOSED;
  /** Grows with every transition and probe; tickets are never reused. */
  #lastTicket = 1;
  #closedTicket = 1;
  #lateOutcomes = 0;

  constructor(options: CircuitBreakerOptions) {
    this.key = options.key;
    this.#config = resolveBreakerConfig(options.config);
    this.#clock = options.clock;
    this.#rng = options.rng;
    this.#onTransition = options.onTransition;
    this.#window = createBreakerWindow(this.#config, options.clock);
  }

  get config(): BreakerConfig {
    return this.#config;
  }

  /**
   * Other settings from now on. The state stays, an open time that has begun too; the window starts anew.
   * @throws ReliabilityConfigError
   */
  reconfigure(config: Partial<BreakerConfig>): void {
    this.#config = resolveBreakerConfig(config);
    this.#window = createBreakerWindow(this.#config, this.#clock);
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
    return this.#config.slowCallMs !== Infinity;
  }

  /** Milliseconds until a call may be admitted; 0 where one would be now. */
  get retryAfterMs(): number {
    const state = this.#state;
    if (state === CLOSED) return 0;
    const nowMs = this.#clock.monotonicMs();
    if (state.kind === 'closed') return state.ramp?.retryAfterMs(nowMs) ?? 0;
    if (state.kind === 'open') return Math.max(0, state.untilMs - nowMs);
    if (state.kind === 'half-open') return state.probes.retryAfterMs(nowMs);
    return this.#config.recoveryMs;
  }

  /**
   * Runs `operation` if the circuit admits it. Failures that do not blame the dependency (a 404, a
   * constraint violation) count as an answer; a cancelled call counts as nothing.
   * Rejects with CircuitBreakerOpenError, without calling `operation`, where it does not.
   */
  execute<T>(operation: () => Promise<T>): Promise<T> {
    const ticket = this.tryAdmit();
    return ticket === REFUSED ? rejectSoon(this.refusal()) : this.#run(ticket, operation);
  }

  async #run<T>(ticket: number, operation: () => Promise<T>): Promise<T> {
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
    if (state.kind === 'half-open') state.probes.giveBack(ticket);
    else if (state.kind === 'closed' && ticket === this.#closedTicket) state.ramp?.release();
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

  /** Ends the open time now: the next call is admitted as a probe, and decides as usual. Changes nothing in any other state. */
  admitProbe(): void {
    if (this.#state.kind === 'open') this.#state = { ...this.#state, untilMs: this.#clock.monotonicMs() };
  }

  /** Closes it by hand, with the usual ramp. */
  reset(): void {
    if (this.#state.kind !== 'closed') this.#close('reset by hand');
    else this.#window.clear();
  }

  toJSON(): StoredBreaker {
    const wallMs = this.#clock.now();
    return {
      v: STORED_BREAKER_VERSION,
      key: this.key,
      taken_at: wallMs,
      state: storedState(this.#state, this.#clock.monotonicMs(), wallMs),
      window_kind: this.#config.kind,
      window: this.#window.toJSON(),
    };
  }

  /**
   * Takes over a stored state. The time left of an open circuit is read off the wall clock and cut to
   * the longest that it may be open, so that a clock that was set back cannot keep it open for years.
   * @throws BreakerStateError on text or an object that `toJSON` did not give
   */
  restore(stored: unknown): void {
    const { state, window, window_kind, taken_at } = parseStoredBreaker(stored);
    const wallMs = this.#clock.now();
    const { kind, recoveryMs, maxRecoveryMs } = this.#config;
    this.#window.clear();
    if (window_kind === kind) this.#window.restore(window, wallMs - taken_at);
    if (state.kind === 'isolated') this.#enter({ kind: 'isolated', reason: state.reason, holds: 1 }, 'restored');
    else if (state.kind === 'closed') this.#enter(CLOSED, 'restored');
    else {
      const leftMs = Math.min(Math.max(0, state.until - wallMs), Math.max(recoveryMs, maxRecoveryMs));
      this.#enter({ kind: 'open', untilMs: this.#clock.monotonicMs() + leftMs, openings: state.openings }, 'restored');
    }
  }

  #admitWithLimits(): number {
    const nowMs = this.#clock.monotonicMs();
    const state = this.#state;
    if (state.kind === 'isolated' || (state.kind === 'open' && nowMs < state.untilMs)) return REFUSED;
    if (state.kind === 'closed') {
      if (state.ramp === undefined || state.ramp.isOver(nowMs)) this.#state = CLOSED;
      else if (!state.ramp.admit()) return REFUSED;
      return this.#closedTicket;
    }
    if (state.kind === 'open') {
      const probes = new ProbeSlots(this.#config.maxProbes, this.#config.probeLeaseMs);
      this.#enter({ kind: 'half-open', probes, successes: 0, openings: state.openings }, 'open time is over');
      // Once more, since a listener of that transition may have changed the state.
      return this.tryAdmit();
    }
    if (!state.probes.hasFree(nowMs)) return REFUSED;
    const ticket = ++this.#lastTicket;
    state.probes.take(ticket, nowMs);
    return ticket;
  }

  #outcome(ticket: number, failed: boolean, durationMs: number): void {
    const state = this.#state;
    const slow = durationMs > this.#config.slowCallMs;
    if (state.kind === 'closed' && ticket === this.#closedTicket) {
      this.#window.record(failed, slow);
      state.ramp?.settle(failed);
      if (this.#window.shouldOpen()) this.#open(1, 'too many calls failed or were slow');
    } else if (state.kind === 'half-open' && state.probes.giveBack(ticket)) {
      if (failed || slow) this.#open(state.openings + 1, failed ? 'probe failed' : 'probe was slow');
      else if (++state.successes >= this.#config.probeSuccesses) this.#close('probes succeeded');
    } else {
      this.#lateOutcomes++;
    }
  }

  #open(openings: number, reason: string): void {
    const { recoveryMs, recoveryMultiplier, maxRecoveryMs, recoveryJitter } = this.#config;
    const grownMs = Math.min(recoveryMs * recoveryMultiplier ** (openings - 1), Math.max(recoveryMs, maxRecoveryMs));
    const openMs = recoveryJitter === 0 ? grownMs : grownMs * (1 + recoveryJitter * this.#rng.next());
    this.#window.clear();
    this.#enter({ kind: 'open', untilMs: this.#clock.monotonicMs() + openMs, openings }, reason);
  }

  #close(reason: string): void {
    const { rampSlots, probeLeaseMs } = this.#config;
    this.#window.clear();
    this.#enter(rampSlots === 0 ? CLOSED : { kind: 'closed', ramp: new Ramp(rampSlots, this.#clock.monotonicMs() + probeLeaseMs) }, reason);
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
