import type { Clock } from '../../../core/clock.ts';
import type { BreakerSampledEvent, BreakerTransitionEvent } from '../../../journal/fleet-events.ts';
import { classifyError, type BreakerStateKind, type BreakerTransition, type ReliabilityManager } from '../../../reliability/index.ts';
import type { EndedCall } from '../recorded-reliability.ts';
import { OutcomeWindow } from './outcome-window.ts';

/** A probe that is put forward or off by less is still the same one. */
const sameProbeMs = 100;

interface Watched {
  readonly window: OutcomeWindow;
  state: BreakerStateKind;
  /** The last figures told; undefined before the first. */
  told: { readonly state: BreakerStateKind; readonly failureRate: number | null; readonly probeAtMs: number | null } | undefined;
}

/** Told at a time; an outage changes the figures of every agent's breaker at once. The others come in the samples after. */
const breakersAtOnce = 4;

type BreakerManager = Pick<ReliabilityManager, 'breaker' | 'mechanisms'>;

/**
 * Figures of the host's breakers, told where they have changed. A breaker of ours counts failures in a row and forgets
 * the rest; the rate is that of the newest calls that it let through, as the host saw them end.
 */
export class BreakerSamples {
  readonly #clock: Clock;
  readonly #reliability: () => BreakerManager;
  readonly #watched = new Map<string, Watched>();

  /** @param reliability asked once calls are made: it records into this */
  constructor(clock: Clock, reliability: () => BreakerManager) {
    this.#clock = clock;
    this.#reliability = reliability;
  }

  /** Counts as for the breaker, and says what that came to: a refusal of the dependency is an answer, what was cancelled says nothing. */
  ended({ breaker, error }: EndedCall): 'success' | 'failure' | 'ignored' {
    const blame = error === undefined ? 'none' : classifyError(error, this.#clock).blame;
    if (blame === 'not-asked') return 'ignored';
    if (this.#reliability().mechanisms.breaker) this.#of(breaker).window.add(blame === 'dependency');
    return blame === 'dependency' ? 'failure' : 'success';
  }

  /** Of the newest calls, 0 to 1; null where there were none that count, or too few. */
  failureRate(breaker: string): number | null {
    const watched = this.#watched.get(breaker);
    return watched === undefined ? null : watched.window.failureRate(watched.state === 'closed' ? this.#least(breaker) : 1);
  }

  /** What the event of a transition tells besides the states. */
  changed({ key, from, to, retryAfterMs }: BreakerTransition): Pick<BreakerTransitionEvent, 'failure_rate' | 'probe_in_ms'> {
    const watched = this.#of(key);
    const { window } = watched;
    watched.state = to;
    if (to === 'closed') {
      window.clear();
      return {};
    }
    if (to !== 'open') return {};
    // A call that runs into its time limit opens the breaker before it ends.
    const least = from === 'closed' ? this.#least(key) : 1;
    while (window.failuresInARow() < least) window.add(true);
    const failureRate = window.failureRate(1);
    watched.told = { state: to, failureRate, probeAtMs: this.#clock.monotonicMs() + retryAfterMs };
    return { ...(failureRate === null ? {} : { failure_rate: failureRate }), probe_in_ms: Math.round(retryAfterMs) };
  }

  /** @param limit @default 4 */
  take(limit = breakersAtOnce): Omit<BreakerSampledEvent, 'at' | 'host' | 'event_no'>[] {
    const nowMs = this.#clock.monotonicMs();
    const samples: Omit<BreakerSampledEvent, 'at' | 'host' | 'event_no'>[] = [];
    // The order changes on the way.
    for (const [breaker, watched] of Array.from(this.#watched)) {
      if (samples.length >= limit) break;
      const { state, window, told } = watched;
      const probeInMs = state === 'open' ? this.#reliability().breaker(breaker).retryAfterMs : null;
      const probeAtMs = probeInMs === null ? null : nowMs + probeInMs;
      const failureRate = window.failureRate(state === 'closed' ? this.#least(breaker) : 1);
      if (told === undefined && state === 'closed' && failureRate === null) continue;
      if (told !== undefined && told.state === state && told.failureRate === failureRate && sameProbe(told.probeAtMs, probeAtMs, nowMs)) continue;
      watched.told = { state, failureRate, probeAtMs };
      // Behind those of whom nothing was said for longer.
      this.#watched.delete(breaker);
      this.#watched.set(breaker, watched);
      samples.push({ type: 'breaker_sampled', breaker, state, failure_rate: failureRate, calls: window.calls, probe_in_ms: probeInMs === null ? null : Math.round(probeInMs) });
    }
    return samples;
  }

  #of(key: string): Watched {
    let watched = this.#watched.get(key);
    if (watched === undefined) {
      watched = { window: new OutcomeWindow(), state: 'closed', told: undefined };
      this.#watched.set(key, watched);
    }
    return watched;
  }

  /** Fewest calls that can open it: fewer are no rate. */
  #least(key: string): number {
    return this.#reliability().breaker(key).config.threshold;
  }
}

/** A probe that falls due is no news, and stays due: it waits for the next call. */
function sameProbe(toldAtMs: number | null, atMs: number | null, nowMs: number): boolean {
  if (toldAtMs === null || atMs === null) return toldAtMs === atMs;
  return (toldAtMs <= nowMs && atMs <= nowMs) || Math.abs(toldAtMs - atMs) < sameProbeMs;
}
