/**
 * What a column holds, as written in a CSV file → as kept in the database:
 * - `text`, `id`: as it is → TEXT
 * - `integer`: `1234` → BIGINT
 * - `money`: `1234.56` in the currency of the row's currency column → BIGINT minor units, and beside it
 *   `<column>_eur`, BIGINT euro cents, NULL where no exchange rate is known (see `fx.ts`)
 * - `currency`: ISO 4217 → TEXT
 * - `rate`: euros for one unit of the row's currency → BIGINT (see `fx.ts`)
 * - `percent`: `12.5` → BIGINT basis points (1250)
 * - `date`: `2025-01-31` → TEXT; `timestamp`: `2025-01-31T12:00:00Z` → TEXT
 * - `boolean`: `true`, `false` → SMALLINT 1, 0
 */
export type ColumnType = 'id' | 'text' | 'integer' | 'money' | 'currency' | 'rate' | 'percent' | 'date' | 'timestamp' | 'boolean';

export interface ColumnSpec {
  readonly type: ColumnType;
  /** A row without it cannot be used, and a file without it cannot be read. */
  readonly required: boolean;
  /** Table whose key this is; checked where that table was given. */
  readonly references?: string;
  /** The only values allowed, of `text`. */
  readonly choices?: readonly string[];
  /** Least and greatest value allowed, of `integer`. */
  readonly range?: readonly [number, number];
}

export interface TableSpec {
  readonly name: string;
  /** The business agent that may read it; `shared` for reference tables. */
  readonly owner: string;
  readonly summary: string;
  /** Rows tell what happened on a day (orders), or how things stand (products). */
  readonly holds: 'events' | 'state';
  /** Column that tells rows apart. */
  readonly key: string;
  /** Date on which what a row tells about happened: decides the period, and the exchange rate. */
  readonly dated: string;
  readonly columns: Readonly<Record<string, ColumnSpec>>;
}

/** Types a table without changing it. */
export function defineTable<const Table extends TableSpec>(table: Table): Table {
  return table;
}

const required = { required: true } as const;
const optional = { required: false } as const;

export const key: ColumnSpec = { type: 'id', ...required };
export const text: ColumnSpec = { type: 'text', ...required };
export const optionalText: ColumnSpec = { type: 'text', ...optional };
export const date: ColumnSpec = { type: 'date', ...required };
export const optionalDate: ColumnSpec = { type: 'date', ...optional };
export const optionalTimestamp: ColumnSpec = { type: 'timestamp', ...optional };
export const money: ColumnSpec = { type: 'money', ...required };
export const optionalMoney: ColumnSpec = { type: 'money', ...optional };
export const currency: ColumnSpec = { type: 'currency', ...required };
export const rate: ColumnSpec = { type: 'rate', ...required };
export const optionalPercent: ColumnSpec = { type: 'percent', ...optional };
export const optionalBoolean: ColumnSpec = { type: 'boolean', ...optional };

export function reference(table: string): ColumnSpec {
  return { type: 'id', ...required, references: table };
}

export function optionalReference(table: string): ColumnSpec {
  return { type: 'id', ...optional, references: table };
}

/** An integer in [min, max]. */
export function integer(min: number, max: number): ColumnSpec {
  return { type: 'integer', ...required, range: [min, max] };
}

export function optionalInteger(min: number, max: number): ColumnSpec {
  return { type: 'integer', ...optional, range: [min, max] };
}

/** A text that is one of `choices`, or empty. */
export function optionalChoice(...choices: string[]): ColumnSpec {
  return { type: 'text', ...optional, choices };
}
