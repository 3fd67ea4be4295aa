import type { JournalEvent } from '../../journal/events.ts';
import type { BreakerState, ScreenState } from './screen-state.ts';

/** What the fleet depends on, and the breakers before it. */
export function foldDependencies(state: ScreenState, event: JournalEvent): void {
  switch (event.type) {
    case 'dependency.changed':
      state.dependencies.get(event.dependency)?.byHost.set(event.host, { up: event.up, detail: event.detail, sinceMs: event.mono_ms });
      break;
    case 'dependency.sampled': {
      const dependency = state.dependencies.get(event.dependency);
      if (dependency === undefined) break;
      dependency.calls += event.calls;
      dependency.failures += event.failures;
      dependency.samples.push({ atMs: event.mono_ms, host: event.host, calls: event.calls, failures: event.failures, p50Ms: event.latency_p50_ms, maxMs: event.latency_max_ms });
      break;
    }
    case 'breaker.transition': {
      const breaker = breakerOf(state, event.host, event.breaker);
      breaker.from = event.from;
      breaker.transitions += 1;
      enter(breaker, event.to, event.mono_ms);
      breaker.failureRate = event.failure_rate ?? (event.to === 'closed' ? undefined : breaker.failureRate);
      breaker.probeAtMs = event.probe_in_ms === undefined ? undefined : event.mono_ms + event.probe_in_ms;
      break;
    }
    case 'breaker.sampled': {
      const breaker = breakerOf(state, event.host, event.breaker);
      if (breaker.state !== event.state) enter(breaker, event.state, event.mono_ms);
      breaker.failureRate = event.failure_rate ?? undefined;
      breaker.calls = event.calls;
      breaker.probeAtMs = event.probe_in_ms === null ? undefined : event.mono_ms + event.probe_in_ms;
      break;
    }
  }
}

function breakerOf(state: ScreenState, host: string, breaker: string): BreakerState {
  const key = `${host}/${breaker}`;
  const known = state.breakers.get(key);
  if (known !== undefined) return known;
  const added: BreakerState = { breaker, host, state: 'closed', sinceMs: 0, from: '', transitions: 0, failureRate: undefined, calls: 0, probeAtMs: undefined };
  state.breakers.set(key, added);
  return added;
}

function enter(breaker: BreakerState, state: string, atMs: number): void {
  breaker.state = state;
  breaker.sinceMs = atMs;
}
