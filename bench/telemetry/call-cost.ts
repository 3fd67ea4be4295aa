import { MetricSet } from '../../src/telemetry/metrics/metric-set.ts';
import { median } from '../bench.ts';

const calls = 100_000;
const rounds = 9;

/** Microseconds that one count or observation costs, labels and all, on average over those that a host makes most. */
export function metricCallUs(): number {
  const names = { agents: ['reporting'], breakers: ['redis', 'postgres', 'kafka', 'llm'], services: ['redis', 'postgres', 'kafka', 'llm'] };
  const metrics = new MetricSet({
    host: 'bench',
    known: () => names,
    onRefused: (name, error) => {
      throw new Error(`${name} was refused`, { cause: error });
    },
  });
  const work = (): void => {
    for (let call = 0; call < calls; call += 4) {
      metrics.count('breaker_calls_total', { breaker: 'redis', outcome: 'success' });
      metrics.count('calls_total', { service: 'postgres', outcome: 'success' });
      metrics.count('checkpoint_resumes_total');
      metrics.observe('checkpoint_latency_seconds', 0.004, { operation: 'save' });
    }
  };
  work();
  const rates = Array.from({ length: rounds }, () => {
    const startedMs = performance.now();
    work();
    return ((performance.now() - startedMs) * 1_000) / calls;
  });
  return median(rates);
}
