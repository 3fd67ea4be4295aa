/** One figure against its limit. */
export interface Measure {
  readonly figure: number;
  readonly unit: string;
  readonly want: 'at most' | 'at least';
  readonly limit: number;
}

/** A promise about speed or size; held where any of its measures is (a bar may be given in two ways). */
export interface Bar {
  readonly name: string;
  readonly measures: readonly Measure[];
  /** Why it is missed, or how it was measured where that is not obvious. */
  readonly note?: string;
}

export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

export interface BenchmarkReport {
  readonly bars: readonly Bar[];
  readonly tables: readonly Table[];
}

/** The short form of a report: one figure a row, with a bar where one is promised. */
export interface BenchResult {
  readonly name: string;
  readonly rows: readonly BenchRow[];
}

export interface BenchRow {
  readonly label: string;
  readonly value: number;
  readonly unit: string;
  readonly bar?: { readonly min?: number; readonly max?: number };
  readonly note?: string;
}

/** What `bench/<name>.bench.ts` exports as `benchmark`. */
export interface Benchmark {
  /** Also the name of its file. */
  readonly name: string;
  readonly summary: string;
  run(): Promise<BenchmarkReport | BenchResult>;
}

export function measureHolds(measure: Measure): boolean {
  return measure.want === 'at most' ? measure.figure <= measure.limit : measure.figure >= measure.limit;
}

export function barHolds(bar: Bar): boolean {
  return bar.measures.some(measureHolds);
}

export function toReport(result: BenchmarkReport | BenchResult): BenchmarkReport {
  if (!('rows' in result)) return result;
  const rows = result.rows.map((row) => [row.label, row.value, row.unit, row.note ?? '']);
  return { tables: [{ title: result.name, columns: ['what', 'figure', 'unit', 'note'], rows }], bars: result.rows.flatMap(barsOf) };
}

function barsOf({ label, value, unit, bar }: BenchRow): Bar[] {
  const bars: Bar[] = [];
  if (bar?.min !== undefined) bars.push({ name: label, measures: [{ figure: value, unit, want: 'at least', limit: bar.min }] });
  if (bar?.max !== undefined) bars.push({ name: label, measures: [{ figure: value, unit, want: 'at most', limit: bar.max }] });
  return bars;
}

export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('median of nothing');
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

/** `share` 0–1: 0.99 for p99. */
export function percentile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new RangeError('percentile of nothing');
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] as number;
}
