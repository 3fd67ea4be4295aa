import type { CellFormat } from './cells.ts';
import type { Encoding } from './csv-bytes.ts';
import type { SqlValue } from './sql-database.ts';
import type { TableSpec } from './table.ts';

/** Name of the column that holds a money column's amount in euro cents. */
export function eurColumn(moneyColumn: string): string {
  return `${moneyColumn}_eur`;
}

/** Columns as they stand in the database: each money column is followed by its amount in euros. */
export function databaseColumns(spec: TableSpec): string[] {
  return Object.entries(spec.columns).flatMap(([name, column]) => (column.type === 'money' ? [name, eurColumn(name)] : [name]));
}

/** A row of a file that could not be used. */
export interface RejectedRow {
  readonly file: string;
  /** Line on which the row begins, 1-based. */
  readonly line: number;
  /** Header of the column at fault; empty where the whole row is. */
  readonly column: string;
  readonly reason: string;
}

/** What became of one file. `rows_read` = `rows_used` + `rows_rejected` + `duplicates`. */
export interface TableReport {
  readonly table: string;
  readonly file: string;
  readonly rows_read: number;
  readonly rows_used: number;
  readonly rows_rejected: number;
  /** Rows that repeat an earlier one in every cell: taken once. */
  readonly duplicates: number;
  /** Used rows with an amount in a currency that has no exchange rate for its day. */
  readonly without_rate: number;
  /** The first of the rejected rows; `rows_rejected` counts them all. */
  readonly rejected: readonly RejectedRow[];
}

export interface DatasetTable {
  readonly spec: TableSpec;
  /** `databaseColumns(spec)`; rows hold their values in this order. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly SqlValue[])[];
}

/** Business data, read and checked, ready to be loaded. */
export interface Dataset {
  /** Hash of everything it was made from: two datasets of the same version are the same. */
  readonly version: string;
  readonly tables: ReadonlyMap<string, DatasetTable>;
  readonly report: readonly TableReport[];
  /** Tables that were not given at all. */
  readonly missingTables: readonly string[];
  /** `table.column` of columns that a given table lacks. */
  readonly missingColumns: readonly string[];
}

/** Where one of our columns comes from: a column of the file, a fixed value, or the one where the other is empty. */
export interface ColumnSource {
  readonly header?: string;
  readonly format: CellFormat;
  readonly fallback?: string;
}

/** Where a table comes from, once the mapping (or the lack of one) has been understood. */
export interface TableSource {
  readonly spec: TableSpec;
  /** As shown in messages: the folder as typed, and the file. */
  readonly file: string;
  readonly path: string;
  readonly columns: ReadonlyMap<string, ColumnSource>;
  /** A column that is not among these is taken from the header of its own name, if there is one. */
  readonly delimiter?: string;
  readonly encoding: Encoding;
  /** Headers beyond ours are an error (no mapping) or not our business (mapping). */
  readonly closed: boolean;
  /** Place in the mapping to name when a mapped header is not in the file; by column. */
  readonly where: ReadonlyMap<string, string>;
}
