import type { Buffer } from 'node:buffer';
import { parse, CsvError, type Options } from 'csv-parse/sync';
import type { Problems } from '../../core/problems.ts';
import { lineAt, newlinesBetween, skipNewlines } from './csv-bytes.ts';

export interface CsvRow {
  /** Line on which the row begins, 1-based. */
  readonly line: number;
  readonly cells: readonly string[];
}

export interface CsvFile {
  readonly header: readonly string[];
  readonly rows: readonly CsvRow[];
  /** Lines of rows with a quote where none may stand; they have no cells. */
  readonly broken: readonly number[];
}

interface ParsedRecord {
  readonly record: string[];
  /** Offset of the byte after the record, its line end included. */
  readonly info: { readonly bytes: number };
}

const delimiters = [',', ';', '\t', '|'];

/**
 * Reads RFC 4180 CSV with any line ends. Undefined, with a problem, where there is no header or where
 * a quoted cell ends nowhere: what follows could be anything, so nothing of such a file is used.
 * Lines are counted here, since csv-parse counts CRLF inside quotes twice.
 */
export function parseCsv(bytes: Buffer, file: string, delimiter: string | undefined, known: readonly string[], problems: Problems): CsvFile | undefined {
  if (skipNewlines(bytes, 0) >= bytes.length) {
    problems.add(`${file}:1:1`, 'is empty', 'write the column names on its first line, or leave the file away if there is no such data');
    return undefined;
  }
  const broken: number[] = [];
  const options: Options = {
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    record_delimiter: ['\r\n', '\n', '\r'],
    delimiter: delimiter ?? guessDelimiter(bytes, known),
    skip_records_with_error: true,
    on_skip: (error) => {
      if (error?.code !== 'INVALID_OPENING_QUOTE') throw error ?? new Error('a record was skipped for no reason');
      broken.push(lineAt(bytes, Number(error['bytes'])));
    },
  };
  let records: ParsedRecord[];
  try {
    // The typings know nothing of `info: true`.
    records = parse(bytes, options) as unknown as ParsedRecord[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = lineAt(bytes, Number(error['bytes']));
    const what = error.code === 'CSV_QUOTE_NOT_CLOSED' ? 'a quoted cell that begins here is never closed' : 'a quoted cell goes on after its closing quote';
    problems.add(`${file}:${line}:1`, what, 'close it before the next separator, and double every quote inside it');
    return undefined;
  }
  const header = records.shift();
  if (header === undefined) {
    problems.add(`${file}:1:1`, 'its header cannot be read as CSV', 'write the column names on the first line, separated by commas');
    return undefined;
  }
  let offset = 0;
  let line = 1;
  const advance = (end: number): number => {
    const start = skipNewlines(bytes, offset);
    line += newlinesBetween(bytes, offset, start);
    const firstLine = line;
    line += newlinesBetween(bytes, start, end);
    offset = end;
    // A broken row has no record of its own: its line stands before the next record's.
    return Math.max(firstLine, ...broken.filter((brokenLine) => brokenLine >= firstLine && brokenLine < line).map((brokenLine) => brokenLine + 1));
  };
  advance(header.info.bytes);
  const rows = records.map(({ record, info }) => ({ line: advance(info.bytes), cells: record }));
  return { header: header.record.map((name) => name.trim()), rows, broken };
}

/** The separator that yields most of the column names we look for; a comma where none does. */
function guessDelimiter(bytes: Buffer, known: readonly string[]): string {
  const start = skipNewlines(bytes, 0);
  const firstLine = (bytes.toString('utf8', start, start + 64 * 1024).split(/\r|\n/, 1)[0] as string).replaceAll('"', '');
  const names = new Set(known);
  let best = ',';
  let bestCount = 0;
  for (const delimiter of delimiters) {
    const count = firstLine.split(delimiter).filter((cell) => names.has(cell.trim())).length;
    if (count > bestCount) {
      best = delimiter;
      bestCount = count;
    }
  }
  return best;
}
