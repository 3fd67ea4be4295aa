import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { KnownList, LabelValues, MetricDefinition } from './definition.ts';
import { metricDefinitions, type CounterName, type GaugeName, type HistogramName, type MetricName } from './registry.ts';

export type Labels = Readonly<Record<string, string>>;

export interface MetricSetOptions {
  /** Label of every series. */
  readonly host: string;
  /** Asked once, at the first use. */
  readonly known: () => Readonly<Record<KnownList, readonly string[]>>;
  /** What cannot be counted (another label than declared, a counter counted down, NaN) is told here, once a metric, and never thrown: counting must not break the work that is counted. */
  readonly onRefused: (name: string, error: unknown) => void;
}

/** Stands for every label value that was not declared, so that what comes from outside makes no series of its own. */
export const otherValue = 'other';

/** Counters of up to so many series are there from the start, at 0: an increase from nothing to 1 is none to Prometheus. */
const seriesFromStart = 128;

/** All metrics of one process by their definitions, in the text format of Prometheus. */
export class MetricSet {
  readonly #options: MetricSetOptions;
  readonly #registry = new Registry();
  readonly #metrics = new Map<string, Counter | Gauge | Histogram>();
  readonly #values = new Map<string, ReadonlyMap<string, ReadonlySet<string>>>();
  readonly #refused = new Set<string>();
  readonly #ready: () => void;

  constructor(options: MetricSetOptions) {
    this.#options = options;
    this.#registry.setDefaultLabels({ host: options.host });
    let made = false;
    this.#ready = () => {
      if (made) return;
      made = true;
      for (const [name, definition] of Object.entries(metricDefinitions)) this.#make(name, definition);
    };
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  count(name: CounterName, labels: Labels = {}, by = 1): void {
    this.#with(name, Counter, labels, (counter, bounded) => counter.inc(bounded, by));
  }

  observe(name: HistogramName, value: number, labels: Labels = {}): void {
    this.#with(name, Histogram, labels, (histogram, bounded) => {
      // prom-client takes NaN for an observation of nothing, and its sum is NaN ever after.
      if (!Number.isFinite(value)) throw new RangeError(`${value} was observed`);
      histogram.observe(bounded, value);
    });
  }

  set(name: GaugeName, value: number, labels: Labels = {}): void {
    this.#with(name, Gauge, labels, (gauge, bounded) => gauge.set(bounded, value));
  }

  /** Forgets every series of a gauge: what is not set again is absent from then on. */
  forget(name: GaugeName): void {
    this.#ready();
    this.#metrics.get(name)?.reset();
  }

  text(): Promise<string> {
    this.#ready();
    return this.#registry.metrics();
  }

  #make(name: string, definition: MetricDefinition): void {
    const labels = Object.entries(definition.labels ?? {});
    const settings = { name: `netra_${name}`, help: definition.help, labelNames: labels.map(([label]) => label), registers: [this.#registry] };
    this.#values.set(name, new Map(labels.map(([label, values]) => [label, new Set(this.#valuesOf(values))])));
    if (definition.kind === 'gauge') this.#metrics.set(name, new Gauge(settings));
    else if (definition.kind === 'histogram') this.#metrics.set(name, new Histogram({ ...settings, buckets: [...definition.buckets] }));
    else {
      const counter = new Counter(settings);
      this.#metrics.set(name, counter);
      const series = combinations(labels.map(([label, values]) => [label, this.#valuesOf(values)] as const));
      if (series.length <= seriesFromStart) for (const each of series) counter.inc(each, 0);
    }
  }

  #valuesOf(values: LabelValues): readonly string[] {
    return typeof values === 'string' ? this.#options.known()[values] : values;
  }

  #with<Metric extends Counter | Gauge | Histogram>(name: MetricName, kind: abstract new (...values: never[]) => Metric, labels: Labels, work: (metric: Metric, labels: Labels) => void): void {
    try {
      this.#ready();
      const metric = this.#metrics.get(name);
      if (!(metric instanceof kind)) throw new TypeError(`no ${kind.name.toLowerCase()} is called ${name}`);
      work(metric, this.#bounded(name, labels));
    } catch (error) {
      if (this.#refused.has(name)) return;
      this.#refused.add(name);
      this.#options.onRefused(name, error);
    }
  }

  #bounded(name: string, labels: Labels): Labels {
    const declared = this.#values.get(name);
    let bounded = labels;
    for (const label in labels) {
      if (declared?.get(label)?.has(labels[label] as string) === false) bounded = { ...bounded, [label]: otherValue };
    }
    return bounded;
  }
}

function combinations(labels: readonly (readonly [string, readonly string[]])[]): Record<string, string>[] {
  return labels.reduce<Record<string, string>[]>((series, [label, values]) => series.flatMap((each) => values.map((value) => ({ ...each, [label]: value }))), [{}]);
}
