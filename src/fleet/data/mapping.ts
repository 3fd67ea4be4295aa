import { isAbsolute, join } from 'node:path';
import { z } from 'zod';
import type { Problems } from '../../core/problems.ts';
import { suggest } from '../../core/suggestion.ts';
import { parseYamlInput, validateYaml, type YamlInput, type YamlPath } from '../../core/yaml-input.ts';
import { cellReader, numberFormats, Unusable, type CellFormat, type NumberFormat } from './cells.ts';
import { encodings } from './csv-bytes.ts';
import type { ColumnSource, TableSource } from './dataset.ts';
import { datePatternProblem } from './dates.ts';
import type { ColumnSpec, TableSpec } from './table.ts';
import { findTable, tableNames } from './tables/index.ts';

const scalar = z.union([z.string(), z.number(), z.boolean()], { error: 'expected a text, a number, true or false' });

const columnMapping = z.preprocess(
  (given) => (typeof given === 'string' || typeof given === 'number' ? { column: String(given) } : given),
  z.strictObject({ column: z.string().min(1), format: z.string().optional(), values: z.record(z.string(), scalar).optional() }),
);

const mappingSchema = z.strictObject({
  number_format: z.enum(numberFormats).optional(),
  date_format: z.string().optional(),
  tables: z.record(
    z.string(),
    z.strictObject({
      file: z.string().min(1),
      delimiter: z.string().length(1, 'expected one character').optional(),
      encoding: z.enum(encodings).optional(),
      columns: z.record(z.string(), columnMapping).optional(),
      defaults: z.record(z.string(), scalar).optional(),
    }),
  ),
});

type Mapping = z.infer<typeof mappingSchema>;
type TableMapping = Mapping['tables'][string];
type ColumnMapping = NonNullable<TableMapping['columns']>[string];

interface Place {
  /** Folder as typed, and the mapping's own name in it. */
  readonly folder: string;
  readonly file: string;
  /** What the folder holds, for suggestions. */
  readonly files: readonly string[];
}

/** Understands a `mapping.yaml`; its format is told in docs/data.md. Everything wrong with it is in `problems`. */
export function readMapping(text: string, place: Place, problems: Problems): Map<string, TableSource> {
  const sources = new Map<string, TableSource>();
  const input = parseYamlInput(text, place.file, problems);
  const mapping = input && validateYaml(input, mappingSchema, problems);
  if (input === undefined || mapping === undefined) return sources;
  checkDateFormat(mapping.date_format, input.where(['date_format']), problems);
  for (const [name, table] of Object.entries(mapping.tables)) {
    const spec = findTable(name);
    if (spec === undefined) {
      problems.add(input.whereKey(['tables'], name), `"${name}" is no table of ours`, didYouMean(name, tableNames));
      continue;
    }
    const path = isAbsolute(table.file) ? table.file : join(place.folder, table.file);
    if (!isAbsolute(table.file) && !/[/\\]/.test(table.file) && !place.files.includes(table.file)) {
      problems.add(input.where(['tables', name, 'file']), `there is no file "${table.file}" in ${place.folder}`, didYouMean(table.file, place.files.filter((file) => file !== 'mapping.yaml')));
      continue;
    }
    const { columns, where } = mapColumns(input, mapping, spec, table, problems);
    sources.set(name, {
      spec,
      file: path,
      path,
      columns,
      where,
      ...(table.delimiter === undefined ? {} : { delimiter: table.delimiter }),
      encoding: table.encoding ?? 'utf-8',
      closed: false,
    });
  }
  return sources;
}

function mapColumns(input: YamlInput, mapping: Mapping, spec: TableSpec, table: TableMapping, problems: Problems): { columns: Map<string, ColumnSource>; where: Map<string, string> } {
  const base: YamlPath = ['tables', spec.name];
  const where = new Map<string, string>();
  const columns = new Map<string, ColumnSource>();
  for (const section of ['columns', 'defaults'] as const) {
    for (const name of Object.keys(table[section] ?? {})) {
      if (!(name in spec.columns)) problems.add(input.whereKey([...base, section], name), `${spec.name} has no column "${name}"`, didYouMean(name, Object.keys(spec.columns)));
    }
  }
  for (const [name, column] of Object.entries(spec.columns)) {
    const mapped = table.columns?.[name];
    const place = input.where([...base, 'columns', name]);
    const format = cellFormat(column, mapped, mapping, place, problems);
    const fallback = table.defaults?.[name];
    if (mapped !== undefined) where.set(name, place);
    if (fallback !== undefined) checkDefault(column, format, String(fallback), input.where([...base, 'defaults', name]), problems);
    columns.set(name, {
      format,
      ...(mapped === undefined ? {} : { header: mapped.column }),
      ...(fallback === undefined ? {} : { fallback: String(fallback) }),
    });
  }
  return { columns, where };
}

function cellFormat(column: ColumnSpec, mapped: ColumnMapping | undefined, mapping: Mapping, place: string, problems: Problems): CellFormat {
  const values = mapped?.values === undefined ? undefined : new Map(Object.entries(mapped.values).map(([theirs, ours]) => [theirs, String(ours)]));
  const base: CellFormat = values === undefined ? {} : { values };
  switch (column.type) {
    case 'date':
    case 'timestamp': {
      checkDateFormat(mapped?.format, place, problems);
      const date = mapped?.format ?? mapping.date_format;
      return date === undefined ? base : { ...base, date };
    }
    case 'integer':
    case 'money':
    case 'percent':
    case 'rate': {
      const number = mapped?.format ?? mapping.number_format;
      const allowed = column.type === 'money' ? numberFormats : numberFormats.filter((format) => format !== 'minor-units');
      if (number === undefined || (mapped?.format === undefined && number === 'minor-units' && column.type !== 'money')) return base;
      if ((allowed as readonly string[]).includes(number)) return { ...base, number: number as NumberFormat };
      problems.add(place, `"${number}" is no format of ${column.type === 'money' ? 'an amount' : 'a number'}`, didYouMean(number, allowed));
      return base;
    }
    default:
      if (mapped?.format !== undefined) problems.add(place, `a column of type ${column.type} has no format`, 'leave it away; to translate words use "values"');
      return base;
  }
}

function checkDateFormat(pattern: string | undefined, where: string, problems: Problems): void {
  const wrong = pattern === undefined ? undefined : datePatternProblem(pattern);
  if (wrong !== undefined) problems.add(where, `the date format "${pattern}" ${wrong}`, 'write it with YYYY, MM and DD (or M and D), such as DD.MM.YYYY');
}

function checkDefault(column: ColumnSpec, format: CellFormat, text: string, where: string, problems: Problems): void {
  const value = cellReader(column, format)(text, 'EUR');
  if (value instanceof Unusable) problems.add(where, `the default cannot be used: ${value.reason}`, 'write it as a cell of the file would be written');
}

function didYouMean(typed: string, known: readonly string[]): string {
  return suggest(typed, known, `known: ${known.join(', ')}`);
}
