import { Counter, Histogram, Registry } from 'prom-client';
import type { FleetMetrics } from '../agents/services.ts';

/** Milliseconds: from a loopback checkpoint save to a slow model's answer. */
const bucketsMs = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000];

/**
 * Metrics of one host in the Prometheus text format. A metric is made at its first use; its label
 * names are those of that use. Names get the prefix `netra_`.
 */
export class HostMetrics implements FleetMetrics {
  readonly registry = new Registry();
  readonly #counters = new Map<string, Counter>();
  readonly #histograms = new Map<string, Histogram>();

  constructor(host: string) {
    this.registry.setDefaultLabels({ host });
  }

  count(name: string, labels: Readonly<Record<string, string>> = {}, by = 1): void {
    let counter = this.#counters.get(name);
    if (counter === undefined) {
      counter = new Counter({ name: `netra_${name}`, help: name.replaceAll('_', ' '), labelNames: Object.keys(labels), registers: [this.registry] });
      this.#counters.set(name, counter);
    }
    counter.inc(labels, by);
  }

  observe(name: string, value: number, labels: Readonly<Record<string, string>> = {}): void {
    let histogram = this.#histograms.get(name);
    if (histogram === undefined) {
      histogram = new Histogram({ name: `netra_${name}`, help: name.replaceAll('_', ' '), labelNames: Object.keys(labels), buckets: bucketsMs, registers: [this.registry] });
      this.#histograms.set(name, histogram);
    }
    histogram.observe(labels, value);
  }
}
