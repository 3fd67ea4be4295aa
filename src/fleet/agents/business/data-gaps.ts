import { eurColumn } from '../../data/dataset.ts';
import type { QueryOptions, SqlDatabase } from '../../data/sql-database.ts';
import { findTable, type TableName } from '../../data/tables/index.ts';
import type { TableSpec } from '../../data/table.ts';

export interface DataGaps {
  /** Why nothing can be told from a table (`payments`) or a column (`orders.channel`); undefined where it can. */
  reasonFor(need: string): string | undefined;
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
  let asOf = '';
  for (const name of tables) {
    const spec = findTable(name) as TableSpec;
    const filled = await countFilled(database, spec, options);
    if (filled.rows === 0) {
      if (!reasons.has(name)) reasons.set(name, `${name}: table empty`);
      continue;
    }
    if (filled.newest !== null && filled.newest > asOf) asOf = filled.newest;
    for (const [column, { type }] of Object.entries(spec.columns)) {
      const values = filled.values.get(column) as number;
      if (values === 0 && !reasons.has(`${name}.${column}`)) reasons.set(`${name}.${column}`, `${name}.${column}: column empty`);
      const unconverted = type === 'money' ? values - (filled.values.get(eurColumn(column)) as number) : 0;
      if (unconverted > 0) notes.push(`${name}.${column}: ${unconverted} amounts left out, no exchange rate to EUR for their day`);
    }
  }
  return {
    reasonFor: (need) => reasons.get(need.split('.')[0] as string) ?? reasons.get(need),
    notes,
    asOf,
  };
}

async function countFilled(database: SqlDatabase, spec: TableSpec, options: QueryOptions): Promise<{ rows: number; newest: string | null; values: ReadonlyMap<string, number> }> {
  const columns = Object.entries(spec.columns).flatMap(([column, { type }]) => (type === 'money' ? [column, eurColumn(column)] : [column]));
  const counts = columns.map((column, index) => `COUNT(${column}) AS c${index}`);
  const [row] = await database.query<Record<string, number | string | null>>(
    `SELECT COUNT(*) AS row_count, MAX(${spec.dated}) AS newest, ${counts.join(', ')} FROM ${spec.name}`,
    [],
    options,
  );
  return {
    rows: Number(row?.['row_count']),
    newest: (row?.['newest'] as string | null | undefined) ?? null,
    values: new Map(columns.map((column, index) => [column, Number(row?.[`c${index}`])])),
  };
}
