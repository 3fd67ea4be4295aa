/** Lists that a process knows of itself only when it runs: its agents, the breakers before its calls, the services called. */
export type KnownList = 'agents' | 'breakers' | 'services';

/** All values that a label can have: a closed list, or one that the process gives. Anything else is counted as `other`. */
export type LabelValues = readonly string[] | KnownList;

interface Common {
  /** One sentence for whoever reads `/metrics`. */
  readonly help: string;
  /** By label name. @default none */
  readonly labels?: Readonly<Record<string, LabelValues>>;
}

export interface CounterDefinition extends Common {
  readonly kind: 'counter';
}

/** Its value is read when somebody scrapes. */
export interface GaugeDefinition extends Common {
  readonly kind: 'gauge';
}

export interface HistogramDefinition extends Common {
  readonly kind: 'histogram';
  /** Upper bounds, ascending, in the unit that the name ends in. */
  readonly buckets: readonly number[];
}

export type MetricDefinition = CounterDefinition | GaugeDefinition | HistogramDefinition;

/** Metrics by name, without the prefix `netra_`. */
export type MetricDefinitions = Readonly<Record<string, MetricDefinition>>;

/** Names of one kind among definitions. */
export type NamesOf<Definitions extends MetricDefinitions, Kind extends MetricDefinition['kind']> = {
  [Name in keyof Definitions]: Definitions[Name]['kind'] extends Kind ? Name : never;
}[keyof Definitions] &
  string;

/** Seconds: from a loopback checkpoint to a slow model's answer. */
export const secondsBuckets: readonly number[] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
