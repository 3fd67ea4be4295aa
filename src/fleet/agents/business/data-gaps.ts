import { eurColumn } from '../../data/dataset.ts';
import type { Period } from '../../data/fact.ts';
import type { QueryOptions, SqlDatabase } from '../../data/sql-database.ts';
import { findTable, type TableName } from '../../data/tables/index.ts';
import type { TableSpec } from '../../data/table.ts';

export interface DataGaps {
  /**
   * Why nothing can be told from a table (`payments`) or a column (`orders.channel`), or nothing about the
   * period; undefined where something can. A table of events that ends before the period, or begins after it,
   * knows nothing of it: its zeros would be no facts.
   */
  reasonFor(need: string, period: Period): string | undefined;
  /** What the reader of any fact from these tables should know. */
  readonly notes: readonly string[];
  /** Newest date on which something in these tables happened; empty where nothing did. */
  readonly asOf: string;
}

/** Looks once at each table: is there anything in it, and in each of its columns? */
export async function tellGaps(database: SqlDatabase, tables: readonly TableName[], options: QueryOptions): Promise<DataGaps> {
  const notGiven = await database.query<{ name: string; reason: string }>('SELECT name, reason FROM netra_dataset_gaps ORDER BY name', [], options);
  const reasons = new Map(notGiven.map(({ name, reason }) => [name, `${name}: ${reason}`]));
  const notes: string[] = [];
  const spans = new Map<string, Period>();
  let asOf = '';
  for (const name of tables) {
    const spec = findTable(name) as TableSpec;
    const filled = await countFilled(database, spec, options);
    if (filled.rows === 0) {
      if (!reasons.has(name)) reasons.set(name, `${name}: table empty`);
      continue;
    }
    if (filled.span !== undefined) {
      if (spec.holds === 'events') spans.set(name, filled.span);
      if (filled.span.to > asOf) asOf = filled.span.to;
    }
    for (const [column, { type }] of Object.entries(spec.columns)) {
      const values = filled.values.get(column) as number;
      if (values === 0 && !reasons.has(`${name}.${column}`)) reasons.set(`${name}.${column}`, `${name}.${column}: column empty`);
      const unconverted = type === 'money' ? values - (filled.values.get(eurColumn(column)) as number) : 0;
      if (unconverted > 0) notes.push(`${name}.${column}: ${unconverted} amounts left out, no exchange rate to EUR for their day`);
    }
  }
  return {
    reasonFor: (need, period) => {
      const table = need.split('.')[0] as string;
      const known = reasons.get(table) ?? reasons.get(need);
      const span = spans.get(table);
      if (known !== undefined || span === undefined || (span.from <= period.to && span.to >= period.from)) return known;
      return `${table}: nothing from ${period.from} to ${period.to}, its rows are of ${span.from} to ${span.to}`;
    },
    notes,
    asOf,
  };
}

async function countFilled(database: SqlDatabase, spec: TableSpec, options: QueryOptions): Promise<{ rows: number; span: Period | undefined; values: ReadonlyMap<string, number> }> {
  const columns = Object.entries(spec.columns).flatMap(([column, { type }]) => (type === 'money' ? [column, eurColumn(column)] : [column]));
  const counts = columns.map((column, index) => `COUNT(${column}) AS c${index}`);
  const [row] = await database.query<Record<string, number | string | null>>(
    `SELECT COUNT(*) AS row_count, MIN(${spec.dated}) AS oldest, MAX(${spec.dated}) AS newest, ${counts.join(', ')} FROM ${spec.name}`,
    [],
    options,
  );
  return {
    rows: Number(row?.['row_count']),
    span: typeof row?.['newest'] === 'string' ? { from: String(row['oldest']), to: row['newest'] } : undefined,
    values: new Map(columns.map((column, index) => [column, Number(row?.[`c${index}`])])),
  };
}
