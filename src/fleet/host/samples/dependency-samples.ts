import { classifyError } from '../../../reliability/index.ts';
import type { Clock } from '../../../core/clock.ts';
import type { DependencyName, DependencySampledEvent } from '../../../journal/fleet-events.ts';
import type { EndedCall } from '../recorded-reliability.ts';
import { LatencySample } from './latency-sample.ts';

interface Counts {
  calls: number;
  failures: number;
  readonly latencies: LatencySample;
}

const dependencies: readonly DependencyName[] = ['postgres', 'redis', 'kafka', 'llm'];

/** What the host's calls to its dependencies have come to since the sample before. */
export class DependencySamples {
  readonly #clock: Clock;
  readonly #counts: ReadonlyMap<string, Counts> = new Map(dependencies.map((name) => [name, { calls: 0, failures: 0, latencies: new LatencySample() }]));

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Everything that ended without an answer of use is a failure, whoever is to blame; what was cancelled says nothing. */
  ended({ breaker, latencyMs, error }: EndedCall): void {
    const counts = this.#counts.get(breaker);
    if (counts === undefined) return;
    if (error !== undefined) {
      if (classifyError(error, this.#clock).kind === 'cancelled') return;
      counts.failures += 1;
    }
    counts.calls += 1;
    counts.latencies.add(latencyMs);
  }

  take(intervalMs: number): Omit<DependencySampledEvent, 'at' | 'host' | 'event_no'>[] {
    return dependencies.flatMap((dependency) => {
      const counts = this.#counts.get(dependency);
      if (counts === undefined || counts.calls === 0) return [];
      const { calls, failures, latencies } = counts;
      const sample = { type: 'dependency_sampled' as const, dependency, interval_ms: intervalMs, calls, failures, latency_p50_ms: toTenths(latencies.medianMs()), latency_max_ms: toTenths(latencies.maxMs) };
      counts.calls = 0;
      counts.failures = 0;
      latencies.clear();
      return [sample];
    });
  }
}

function toTenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}
