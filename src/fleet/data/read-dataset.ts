import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Problems } from '../../core/problems.ts';
import { suggest } from '../../core/suggestion.ts';
import { parseCsv } from './csv.ts';
import { toUtf8 } from './csv-bytes.ts';
import type { Dataset, DatasetTable, TableReport, TableSource } from './dataset.ts';
import { FxTable } from './fx.ts';
import { fileProblem } from './file-problem.ts';
import { readTable } from './read-table.ts';
import { createTableStatements } from './ddl.ts';
import { findSources } from './sources.ts';
import { businessTables } from './tables/index.ts';

/**
 * Reads a folder of CSV files, with its `mapping.yaml` if it has one. Undefined where `problems`
 * says what is wrong with a file as a whole; single rows that cannot be used are in the report instead.
 */
export async function readDataset(folder: string, problems: Problems, signal?: AbortSignal): Promise<Dataset | undefined> {
  const problemsBefore = problems.list.length;
  const sources = await findSources(folder, problems);
  const hash = createHash('sha256').update(createTableStatements('postgres').join('\n'));
  const keysOf = new Map<string, ReadonlySet<string>>();
  const tables = new Map<string, DatasetTable>();
  const report: TableReport[] = [];
  const missingTables: string[] = [];
  const missingColumns: string[] = [];
  const fx = new FxTable();
  // Referred-to tables come first in the registry, and the rates before everything.
  for (const spec of businessTables) {
    const source = sources.get(spec.name);
    if (source === undefined) {
      missingTables.push(spec.name);
      continue;
    }
    const { path } = source;
    let bytes: Buffer;
    try {
      bytes = await readFile(path, signal === undefined ? {} : { signal });
    } catch (error) {
      signal?.throwIfAborted();
      problems.list.push(fileProblem(source.file, error));
      continue;
    }
    hash.update(`\n${spec.name} ${JSON.stringify(describeSource(source))} ${bytes.length}\n`).update(bytes);
    const utf8 = toUtf8(bytes, source.encoding, source.file, problems);
    const csv = utf8 && parseCsv(utf8, source.file, source.delimiter, expectedHeaders(source), problems);
    if (csv === undefined || !checkHeader(source, csv.header, problems)) continue;
    missingColumns.push(...absentColumns(source, csv.header).map((column) => `${spec.name}.${column}`));
    const result = readTable(source, csv, keysOf, fx);
    tables.set(spec.name, result.table);
    report.push(result.report);
    // An empty table is as good as none: it must not make every row that refers to it unusable.
    if (result.keys.size > 0) keysOf.set(spec.name, result.keys);
    if (spec.name === 'fx_rates') addRates(result.table, fx);
  }
  if (problems.list.length > problemsBefore) return undefined;
  return { version: hash.digest('hex').slice(0, 32), tables, report, missingTables, missingColumns };
}

function addRates({ columns, rows }: DatasetTable, fx: FxTable): void {
  const [currency, validOn, rate] = ['currency', 'valid_on', 'eur_per_unit'].map((name) => columns.indexOf(name)) as [number, number, number];
  for (const row of rows) fx.add(String(row[currency]), String(row[validOn]), Number(row[rate]));
}

/** What of a source decides how its bytes are read. */
function describeSource(source: TableSource): unknown {
  const columns = [...source.columns].map(([name, { header, fallback, format }]) => [name, header, fallback, format.number, format.date, [...(format.values ?? [])]]);
  return [columns, source.delimiter, source.encoding];
}

function headerOf(source: TableSource, column: string): string {
  return source.columns.get(column)?.header ?? column;
}

function expectedHeaders(source: TableSource): string[] {
  return Object.keys(source.spec.columns).map((column) => headerOf(source, column));
}

function absentColumns(source: TableSource, header: readonly string[]): string[] {
  return Object.keys(source.spec.columns).filter((column) => source.columns.get(column)?.fallback === undefined && !header.includes(headerOf(source, column)));
}

/** False, with problems, where a column is missing that no row can do without, or where a name means nothing. */
function checkHeader(source: TableSource, header: readonly string[], problems: Problems): boolean {
  const { spec, file } = source;
  const before = problems.list.length;
  header.forEach((name, index) => {
    if (header.indexOf(name) !== index) problems.add(`${file}:1:${placeOf(header, index)}`, `its header names "${name}" twice`, 'rename one of the two columns');
  });
  const expected = expectedHeaders(source);
  for (const column of absentColumns(source, header)) {
    const mapped = source.columns.get(column)?.header;
    const spare = header.filter((name) => !expected.includes(name));
    if (mapped !== undefined) {
      problems.add(source.where.get(column) ?? file, `${file} has no column "${mapped}"`, suggest(mapped, spare, `its columns are ${header.join(', ')}`));
    } else if (spec.columns[column]?.required) {
      problems.add(`${file}:1:1`, `lacks the column "${column}"`, suggest(column, spare, 'name a column so, or say in mapping.yaml which one it is'));
    }
  }
  if (source.closed) {
    header.forEach((name, index) => {
      if (name in spec.columns) return;
      const unused = Object.keys(spec.columns).filter((column) => !header.includes(column));
      problems.add(`${file}:1:${placeOf(header, index)}`, `${spec.name} has no column "${name}"`, suggest(name, unused, `its columns are ${Object.keys(spec.columns).join(', ')}`));
    });
  }
  return problems.list.length === before;
}

/** Where the header's nth name begins on its line, 1-based; names in quotes are taken for plain ones. */
function placeOf(header: readonly string[], index: number): number {
  return header.slice(0, index).reduce((place, name) => place + name.length + 1, 1);
}
