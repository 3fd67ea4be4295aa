import type { Dataset, DatasetTable } from './dataset.ts';
import { createTableStatements, sqlTypes } from './ddl.ts';
import type { QueryOptions, SqlDatabase } from './sql-database.ts';
import { tableNames } from './tables/index.ts';

/** Rows a statement: few round trips, and no parameter of unbounded size. */
const ROWS_PER_INSERT = 5_000;

/** Any number that nobody else locks; two hosts that load at once do so one after the other. */
const LOAD_LOCK = 7_164_002;

const bookkeeping = [
  'CREATE TABLE IF NOT EXISTS netra_dataset (version TEXT PRIMARY KEY NOT NULL)',
  // What was not given: `payments` or `orders.channel`, and in which words to say so.
  'CREATE TABLE IF NOT EXISTS netra_dataset_gaps (name TEXT PRIMARY KEY NOT NULL, reason TEXT NOT NULL)',
];

export interface LoadResult {
  /** False where this very version was there already. */
  readonly loaded: boolean;
  readonly rows: number;
}

/**
 * Puts a dataset into the database, replacing any other, in one transaction: a reader sees all of
 * the old or all of the new one. Loading the same version again does nothing. All tables are made,
 * those that were not given stay empty.
 */
export async function loadDataset(database: SqlDatabase, dataset: Dataset, signal?: AbortSignal): Promise<LoadResult> {
  const options: QueryOptions = signal === undefined ? {} : { signal };
  const rows = [...dataset.tables.values()].reduce((sum, table) => sum + table.rows.length, 0);
  const loaded = await database.transaction(async (tx) => {
    if (tx.dialect === 'postgres') await tx.query('SELECT pg_advisory_xact_lock($1)', [LOAD_LOCK], options);
    for (const statement of bookkeeping) await tx.query(statement, [], options);
    const present = await tx.query<{ version: string }>('SELECT version FROM netra_dataset', [], options);
    if (present[0]?.version === dataset.version) return false;
    await replaceTables(tx, dataset, options);
    return true;
  }, options);
  return { loaded, rows };
}

async function replaceTables(tx: SqlDatabase, dataset: Dataset, options: QueryOptions): Promise<void> {
  for (const name of tableNames) await tx.query(`DROP TABLE IF EXISTS ${name}`, [], options);
  for (const statement of createTableStatements(tx.dialect)) await tx.query(statement, [], options);
  for (const table of dataset.tables.values()) {
    for (let from = 0; from < table.rows.length; from += ROWS_PER_INSERT) {
      await tx.query(insertStatement(tx.dialect, table), [JSON.stringify(table.rows.slice(from, from + ROWS_PER_INSERT))], options);
    }
  }
  await tx.query('DELETE FROM netra_dataset_gaps', [], options);
  const gaps = [...dataset.missingTables.map((name) => [name, 'table absent']), ...dataset.missingColumns.map((name) => [name, 'column absent'])];
  for (const [name, reason] of gaps) await tx.query('INSERT INTO netra_dataset_gaps (name, reason) VALUES ($1, $2)', [name as string, reason as string], options);
  await tx.query('DELETE FROM netra_dataset', [], options);
  await tx.query('INSERT INTO netra_dataset (version) VALUES ($1)', [dataset.version], options);
}

/** Takes all rows as one parameter, a JSON array of arrays. */
function insertStatement(dialect: SqlDatabase['dialect'], { spec, columns }: DatasetTable): string {
  const values = sqlTypes(spec).map((type, index) => (type === 'TEXT' ? `row_json ->> ${index}` : `CAST(row_json ->> ${index} AS ${type})`));
  const source = dialect === 'postgres' ? 'jsonb_array_elements($1::jsonb) AS given(row_json)' : '(SELECT value AS row_json FROM json_each($1)) AS given';
  return `INSERT INTO ${spec.name} (${columns.join(', ')}) SELECT ${values.join(', ')} FROM ${source}`;
}
