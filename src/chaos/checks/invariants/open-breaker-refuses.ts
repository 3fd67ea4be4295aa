import { counted } from '../../../core/counted.ts';
import type { LlmCalled } from '../../../journal/events.ts';
import { defineInvariant } from '../check.ts';
import { faultTimes, type FaultTime } from '../fault-times.ts';
import { hostLives, hostsWereHeard, type HostLife } from '../host-lives.ts';

const breaker = 'llm';
/** From admission to the gateway's log: a call that comes in sooner was under way when the breaker opened. */
const transitMs = 500;
const probesAtATime = 1;
/** The gateway notes the end of a call a little after its client knows it. */
const overlapMs = 100;
/** A probe without an answer is given up after this time, and another one may go. */
const probeLeaseMs = 30_000;

type Call = LlmCalled & { readonly seq: number };
interface Stay {
  readonly host: string;
  readonly state: string;
  readonly fromMs: number;
  readonly toMs: number;
}

export const openBreakerRefuses = defineInvariant({
  name: 'open-breaker-refuses',
  summary: `No call of the model passes an open breaker, and at most ${probesAtATime} at a time a half-open one`,
  judge(events) {
    if (!hostsWereHeard(events)) return { status: 'unknown', detail: 'no host has told of anything', evidence: [] };
    const stays = hostLives(events).flatMap(staysOf);
    const notClosed = stays.filter(({ state }) => state !== 'closed');
    if (notClosed.length === 0) return { status: 'pass', detail: 'no breaker of the model opened', evidence: [] };
    const calls = events.filter((event) => event.type === 'llm.called');
    if (calls.length === 0) return { status: 'unknown', detail: 'the breaker of the model opened, and no call of the model is known', evidence: [] };
    const faults = faultTimes(events).filter(({ injected }) => injected.target === 'llm' && !injected.fault_type.startsWith('llm-'));
    const letThrough = notClosed.flatMap((stay) => (stay.state === 'half-open' ? surplusProbes(stay, calls) : passedOpen(stay, calls, faults)));
    if (letThrough.length > 0) return { status: 'fail', detail: `${counted(letThrough.length, 'call')} passed a breaker that should have refused`, evidence: letThrough };
    const opened = notClosed.filter(({ state }) => state === 'open').length;
    return { status: 'pass', detail: `opened ${counted(opened, 'time')}, half-open ${counted(notClosed.filter(({ state }) => state === 'half-open').length, 'time')}; ${counted(calls.length, 'call')}, none that should have been refused`, evidence: [] };
  },
});

function staysOf({ host, events, endAtMs, hasGap }: HostLife): Stay[] {
  if (hasGap) return [];
  const transitions = events.filter((event) => event.type === 'breaker.transition').filter((event) => event.breaker === breaker);
  return transitions.map((event, index) => ({ host, state: event.to, fromMs: event.host_at, toMs: transitions[index + 1]?.host_at ?? endAtMs }));
}

function passedOpen({ host, state, fromMs, toMs }: Stay, calls: readonly Call[], faults: readonly FaultTime[]): string[] {
  return calls
    .filter((call) => call.host === host && call.host_at < toMs && call.host_at - fromMs > transitMs + delayOf(call.host_at, faults))
    .map((call) => `seq ${call.seq}: ${host} called ${call.host_at - fromMs} ms after its breaker was ${state}`);
}

/** How long a call may have been on its way at that time; only of a latency is it known how long. */
function delayOf(atMs: number, faults: readonly FaultTime[]): number {
  let delayMs = 0;
  for (const { injected, fromMs, toMs } of faults) {
    const { latency, jitter } = injected.parameters;
    const longestMs = injected.fault_type === 'latency' ? Number(latency ?? 0) + Number(jitter ?? 0) : Number.POSITIVE_INFINITY;
    // What was on its way when it was healed comes out afterwards.
    const afterMs = Number.isFinite(longestMs) ? longestMs : transitMs;
    if (atMs >= fromMs && atMs <= toMs + afterMs) delayMs += longestMs;
  }
  return delayMs;
}

function surplusProbes({ host, fromMs, toMs }: Stay, calls: readonly Call[]): string[] {
  const probes = calls.filter((call) => call.host === host && call.host_at >= fromMs && call.host_at < toMs).toSorted((left, right) => left.host_at - right.host_at);
  return probes.flatMap((call, index) => {
    const underWay = probes.slice(0, index).filter((earlier) => call.host_at + overlapMs < Math.min(endOf(earlier), earlier.host_at + probeLeaseMs));
    return underWay.length >= probesAtATime ? [`seq ${call.seq}: ${host} called with ${counted(underWay.length, 'probe')} of its half-open breaker under way`] : [];
  });
}

function endOf({ host_at, duration_ms, outcome }: Call): number {
  return outcome === 'unanswered' ? Number.POSITIVE_INFINITY : host_at + duration_ms;
}

