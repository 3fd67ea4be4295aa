import { Emitter } from '../../src/core/emitter.ts';
import { systemClock } from '../../src/core/clock.ts';
import { createRng } from '../../src/core/rng.ts';
import { CallMonitor } from '../../src/reliability/call-monitor.ts';
import { runCall } from '../../src/reliability/call/call.ts';
import type { CallObserver, CallPlan } from '../../src/reliability/call/call-plan.ts';
import { Component } from '../../src/reliability/component.ts';
import { CircuitBreaker, defaultRetryConfig } from '../../src/reliability/index.ts';
import { timeoutQueueOf } from '../../src/reliability/timeout/timeout-queue.ts';
import { median } from '../bench.ts';

const clock = systemClock;
const rng = createRng('bench');
const work = async (): Promise<number> => 1;
const nothing = (): void => undefined;

/** Nanoseconds that one failing outcome costs a count window of each size, full and with every second call failed. */
export function failureCost(): Record<string, number> {
  const results: Record<string, number> = {};
  for (const windowCalls of [100, 10_000, 100_000]) {
    const breaker = new CircuitBreaker({ key: 'bench', clock, rng, config: { kind: 'count', windowCalls, failureRate: 1 } });
    const ticket = breaker.tryAdmit();
    for (let call = 0; call < windowCalls; call += 2) {
      breaker.succeed(ticket, 0);
      breaker.fail(ticket, 0);
    }
    const samples = Array.from({ length: 101 }, () => {
      const startedAt = performance.now();
      for (let call = 0; call < 2_000; call++) {
        breaker.fail(ticket, 0);
        // Keeps the rate below the threshold; costs the same, so both are counted.
        breaker.succeed(ticket, 0);
      }
      return ((performance.now() - startedAt) * 1e6) / 4_000;
    });
    if (breaker.state !== 'closed') throw new Error('the circuit opened');
    results[String(windowCalls)] = median(samples);
  }
  return results;
}

/**
 * A call with the real observer and nobody listening, beside one with an observer that counts health
 * and knows no events: nanoseconds of both, and the median of the ratios of neighbouring samples, so
 * that whatever else the machine does meets both.
 */
export async function telemetryCost(): Promise<{ listeningNs: number; withoutNs: number; ratio: number }> {
  const component = new Component('bench', clock);
  const monitor = new CallMonitor({ name: 'bench.call', profile: 'API', agentEvents: true, clock, component, events: new Emitter(), onHookError: () => undefined });
  const plans = [planWith(monitor), planWith(healthOnly(new Component('bench', clock)))] as const;
  const samples: [number, number][] = [];
  for (let round = 0; round < 500; round++) {
    const pair: [number, number] = [0, 0];
    for (const which of round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
      const startedAt = performance.now();
      for (let call = 0; call < 1_000; call++) await runCall(plans[which], work, {});
      pair[which] = (performance.now() - startedAt) * 1e3;
    }
    if (round >= 100) samples.push(pair);
    await new Promise((resolve) => void setImmediate(resolve));
  }
  return { listeningNs: median(samples.map(([events]) => events)), withoutNs: median(samples.map(([, without]) => without)), ratio: median(samples.map(([events, without]) => events / without)) };
}

function planWith(observer: CallObserver): CallPlan {
  return {
    name: 'bench.call',
    clock,
    rng,
    timeouts: timeoutQueueOf(clock),
    retry: defaultRetryConfig,
    timeLimits: true,
    idempotent: false,
    breaker: new CircuitBreaker({ key: 'bench', clock, rng }),
    bulkhead: undefined,
    budget: undefined,
    hedge: undefined,
    observer,
  };
}

/** What would be left of the monitor if there were no events. */
function healthOnly(component: Component): CallObserver {
  return {
    began: nothing,
    succeeded: () => component.health.success(clock.monotonicMs()),
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
}
