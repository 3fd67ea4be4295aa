export interface BenchRow {
  readonly label: string;
  readonly value: number;
  readonly unit: string;
  /** What the figure must keep to; a row without one is for information. */
  readonly bar?: { readonly max?: number; readonly min?: number };
  readonly note?: string;
}

export interface BenchResult {
  readonly name: string;
  readonly rows: readonly BenchRow[];
}

export interface Benchmark {
  /** What stands after `npm run bench --`. */
  readonly name: string;
  readonly summary: string;
  run(options: { readonly json: boolean }): Promise<BenchResult>;
}
