import { cellReader, Unusable, type CellReader } from './cells.ts';
import { databaseColumns, type DatasetTable, type RejectedRow, type TableReport, type TableSource } from './dataset.ts';
import type { FxTable } from './fx.ts';
import type { CsvFile, CsvRow } from './csv.ts';
import type { SqlValue } from './sql-database.ts';
import type { ColumnSpec } from './table.ts';

/** Rejected rows listed a file; the rest is only counted. */
export const LISTED_REJECTIONS = 20;

export interface ReadTableResult {
  readonly table: DatasetTable;
  readonly report: TableReport;
  /** The keys of the rows that were used, for the tables that refer to this one. */
  readonly keys: ReadonlySet<string>;
}

interface PlannedColumn {
  readonly name: string;
  readonly spec: ColumnSpec;
  /** Place in the row of the file; -1 where only the fallback gives a value. */
  readonly index: number;
  readonly header: string;
  readonly fallback: string;
  readonly read: CellReader;
  /** Keys of the table it refers to, if that table was given. */
  readonly keys: ReadonlySet<string> | undefined;
}

type ReadRow = SqlValue[] | { readonly column: string; readonly reason: string };

/**
 * Turns a file's rows into the table's, each in the order of `databaseColumns`. Unusable rows and
 * exact repetitions are counted, never dropped silently. Columns the file lacks are null.
 */
export function readTable(source: TableSource, csv: CsvFile, keysOf: ReadonlyMap<string, ReadonlySet<string>>, fx: FxTable): ReadTableResult {
  const { spec, file } = source;
  const plan = planColumns(source, csv.header, keysOf);
  const at = (wanted: (column: PlannedColumn) => boolean): number => plan.findIndex(wanted);
  const keyIndex = at((column) => column.name === spec.key);
  const currencyIndex = at((column) => column.spec.type === 'currency');
  const dayIndex = at((column) => column.name === spec.dated);
  const rejected: RejectedRow[] = csv.broken.map((line) => ({ file, line, column: '', reason: 'a quote stands inside a cell that does not begin with one' }));
  const seen = new Map<string, CsvRow>();
  const rows: SqlValue[][] = [];
  let duplicates = 0;
  let withoutRate = 0;
  for (const row of csv.rows) {
    const read = row.cells.length === csv.header.length ? readRow(plan, plan[currencyIndex], row.cells) : { column: '', reason: `has ${row.cells.length} cells, the header has ${csv.header.length}` };
    if (!Array.isArray(read)) {
      rejected.push({ file, line: row.line, ...read });
      continue;
    }
    const key = read[keyIndex] as string;
    const earlier = seen.get(key);
    if (earlier === undefined) {
      seen.set(key, row);
      const { values, unconverted } = withEuros(plan, read, String(read[currencyIndex]), read[dayIndex] as string | null, fx);
      if (unconverted) withoutRate++;
      rows.push(values);
    } else if (earlier.cells.every((cell, index) => cell === row.cells[index])) {
      duplicates++;
    } else {
      const reason = `"${key}" was already used on line ${earlier.line}, with other contents`;
      rejected.push({ file, line: row.line, column: (plan[keyIndex] as PlannedColumn).header, reason });
    }
  }
  rejected.sort((a, b) => a.line - b.line);
  return {
    table: { spec, columns: databaseColumns(spec), rows },
    keys: new Set(seen.keys()),
    report: {
      table: spec.name,
      file,
      rows_read: csv.rows.length + csv.broken.length,
      rows_used: rows.length,
      rows_rejected: rejected.length,
      duplicates,
      without_rate: withoutRate,
      rejected: rejected.slice(0, LISTED_REJECTIONS),
    },
  };
}

function planColumns(source: TableSource, header: readonly string[], keysOf: ReadonlyMap<string, ReadonlySet<string>>): PlannedColumn[] {
  return Object.entries(source.spec.columns).map(([name, spec]) => {
    const from = source.columns.get(name);
    const headerName = from?.header ?? name;
    return {
      name,
      spec,
      index: header.indexOf(headerName),
      header: headerName,
      fallback: from?.fallback ?? '',
      read: cellReader(spec, from?.format),
      keys: spec.references === undefined ? undefined : keysOf.get(spec.references),
    };
  });
}

function readRow(plan: readonly PlannedColumn[], currencyColumn: PlannedColumn | undefined, cells: readonly string[]): ReadRow {
  const textOf = ({ index, fallback }: PlannedColumn): string => (cells[index] ?? '').trim() || fallback;
  const values: SqlValue[] = [];
  // An amount cannot be read without its currency, which may stand after it.
  let currency = 'EUR';
  if (currencyColumn !== undefined) {
    const read = readCell(currencyColumn, textOf(currencyColumn), currency);
    if (read instanceof Unusable) return { column: currencyColumn.header, reason: read.reason };
    currency = String(read);
  }
  for (const column of plan) {
    const value = readCell(column, textOf(column), currency);
    if (value instanceof Unusable) return { column: column.header, reason: value.reason };
    values.push(value);
  }
  return values;
}

function readCell({ spec, read, keys }: PlannedColumn, text: string, currency: string): SqlValue | Unusable {
  if (text === '') return spec.required ? new Unusable('is empty, and a row without it cannot be used') : null;
  const value = read(text, currency);
  return keys !== undefined && !(value instanceof Unusable) && !keys.has(String(value)) ? new Unusable(`"${text}" is not among the usable rows of ${spec.references}`) : value;
}

/** Puts beside each amount its euro cents, converted by the rate of the row's day. */
function withEuros(plan: readonly PlannedColumn[], row: readonly SqlValue[], currency: string, day: string | null, fx: FxTable): { values: SqlValue[]; unconverted: boolean } {
  const values: SqlValue[] = [];
  let unconverted = false;
  plan.forEach((column, index) => {
    const value = row[index] as SqlValue;
    values.push(value);
    if (column.spec.type !== 'money') return;
    const euros = value === null ? null : fx.euroCents(Number(value), currency, day);
    if (value !== null && euros === null) unconverted = true;
    values.push(euros);
  });
  return { values, unconverted };
}
