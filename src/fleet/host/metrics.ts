import { Counter, Histogram, Registry } from 'prom-client';
import type { FleetMetrics } from '../agents/services.ts';

/** Milliseconds: from a loopback checkpoint save to a slow model's answer. */
const bucketsMs = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000];

type Labels = Readonly<Record<string, string>>;

/**
 * Metrics of one host in the Prometheus text format. A metric is made at its first use; its label
 * names are those of that use. Names get the prefix `netra_`. What prom-client refuses (other labels
 * than the first time, a counter counted down, NaN) is told once a metric and never thrown: counting
 * must not break the work that is counted.
 */
export class HostMetrics implements FleetMetrics {
  readonly registry = new Registry();
  readonly #counters = new Map<string, Counter>();
  readonly #histograms = new Map<string, Histogram>();
  readonly #refused = new Set<string>();
  readonly #onRefused: (name: string, error: unknown) => void;

  constructor(host: string, onRefused: (name: string, error: unknown) => void) {
    this.#onRefused = onRefused;
    this.registry.setDefaultLabels({ host });
  }

  count(name: string, labels: Labels = {}, by = 1): void {
    this.#guarded(name, () => {
      let counter = this.#counters.get(name);
      if (counter === undefined) {
        counter = new Counter({ ...this.#settings(name), labelNames: Object.keys(labels) });
        this.#counters.set(name, counter);
      }
      counter.inc(labels, by);
    });
  }

  observe(name: string, value: number, labels: Labels = {}): void {
    this.#guarded(name, () => {
      let histogram = this.#histograms.get(name);
      if (histogram === undefined) {
        histogram = new Histogram({ ...this.#settings(name), labelNames: Object.keys(labels), buckets: bucketsMs });
        this.#histograms.set(name, histogram);
      }
      histogram.observe(labels, value);
    });
  }

  #settings(name: string): { name: string; help: string; registers: Registry[] } {
    return { name: `netra_${name}`, help: name.replaceAll('_', ' '), registers: [this.registry] };
  }

  #guarded(name: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      if (this.#refused.has(name)) return;
      this.#refused.add(name);
      this.#onRefused(name, error);
    }
  }
}
