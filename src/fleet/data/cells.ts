import { currencyDecimals, isCurrency } from './currencies.ts';
import { datePattern, isoDate, isoTimestamp, type DateReader } from './dates.ts';
import { RATE_DECIMALS } from './fx.ts';
import type { SqlValue } from './sql-database.ts';
import type { ColumnSpec } from './table.ts';

export const numberFormats = ['decimal', 'decimal-comma', 'minor-units'] as const;
export type NumberFormat = (typeof numberFormats)[number];

/** How a column of a file is written, where that differs from ours. */
export interface CellFormat {
  /** @default 'decimal': `1234.56` or `1,234.56`; `minor-units` is for money only */
  readonly number?: NumberFormat;
  /** Pattern of YYYY, MM or M, DD or D, HH, mm, ss. @default ISO 8601 */
  readonly date?: string;
  /** From their words to ours: `{offen: placed}`, `{ja: true}`. */
  readonly values?: ReadonlyMap<string, string>;
}

/** Why a cell cannot be used; a class of its own, since every other value is a possible content. */
export class Unusable {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** Turns a non-empty cell into what the database keeps. `currency` is that of the row, for money. */
export type CellReader = (text: string, currency: string) => SqlValue | Unusable;

/** The reader of one column; made once a file, called once a cell. */
export function cellReader(spec: ColumnSpec, format: CellFormat = {}): CellReader {
  const read = plainReader(spec, format);
  const { values } = format;
  return values === undefined ? read : (text, currency) => read(values.get(text) ?? text, currency);
}

function plainReader(spec: ColumnSpec, format: CellFormat): CellReader {
  const number = format.number ?? 'decimal';
  switch (spec.type) {
    case 'id':
      return (text) => text;
    case 'text':
      return spec.choices === undefined ? (text) => text : choiceReader(spec.choices);
    case 'integer':
      return integerReader(spec.range, number);
    case 'money':
      return (text, currency) => (number === 'minor-units' ? scaled(text, 0, 'decimal') : scaled(text, currencyDecimals(currency), number, currency));
    case 'percent':
      return (text) => scaled(text.replace(/\s*%$/, ''), 2, number);
    case 'rate':
      return (text) => positive(scaled(text, RATE_DECIMALS, number), text);
    case 'currency':
      return (text) => (isCurrency(text) ? text : new Unusable(`"${text}" is no ISO 4217 currency code`));
    case 'boolean':
      return booleanCell;
    case 'timestamp':
      return dateCell(format.date === undefined ? isoTimestamp : datePattern(format.date, 'timestamp'), format.date ?? 'YYYY-MM-DDTHH:mm:ssZ');
    default:
      return dateCell(format.date === undefined ? isoDate : datePattern(format.date, 'date'), format.date ?? 'YYYY-MM-DD');
  }
}

function choiceReader(choices: readonly string[]): CellReader {
  return (text) => (choices.includes(text) ? text : new Unusable(`"${text}" is none of ${choices.join(', ')}`));
}

function integerReader(range: readonly [number, number] | undefined, format: NumberFormat): CellReader {
  return (text) => {
    const value = scaled(text, 0, format);
    if (value instanceof Unusable || range === undefined || (value >= range[0] && value <= range[1])) return value;
    return new Unusable(`${text} is not between ${range[0]} and ${range[1]}`);
  };
}

function positive(value: number | Unusable, text: string): number | Unusable {
  return value instanceof Unusable || value > 0 ? value : new Unusable(`a rate of ${text} is not above 0`);
}

function booleanCell(text: string): SqlValue | Unusable {
  switch (text.toLowerCase()) {
    case 'true':
    case 'yes':
    case '1':
      return 1;
    case 'false':
    case 'no':
    case '0':
      return 0;
    default:
      return new Unusable(`"${text}" is neither true nor false`);
  }
}

/** Days remembered a column: a file has few different ones, and checking each is what costs. */
const REMEMBERED_DAYS = 4_000;

function dateCell(read: DateReader, form: string): CellReader {
  const seen = new Map<string, string>();
  return (text) => {
    const known = seen.get(text);
    if (known !== undefined) return known;
    const day = read(text);
    if (day === undefined) return new Unusable(`"${text}" is no date of the form ${form}`);
    if (seen.size < REMEMBERED_DAYS) seen.set(text, day);
    return day;
  };
}

// Thousands may be grouped, but then throughout and by three: `12,34` is a slip, not 1234.
const pointNumber = /^([+-]?)(\d+|\d{1,3}(?:,\d{3})+)(?:\.(\d+))?$/;
const commaNumber = /^([+-]?)(\d+|\d{1,3}(?:[. \u00A0\u202F]\d{3})+)(?:,(\d+))?$/;

/** Digits only, so no binary fraction ever comes near an amount: `12.5` with 2 decimals → 1250. */
function scaled(text: string, decimals: number, format: NumberFormat, currency?: string): number | Unusable {
  const match = (format === 'decimal-comma' ? commaNumber : pointNumber).exec(text);
  if (match === null) return new Unusable(`"${text}" is no number${format === 'decimal-comma' ? ' with a decimal comma' : ''}`);
  const fraction = (match[3] ?? '').replace(/0+$/, '');
  if (fraction.length > decimals) {
    return new Unusable(`"${text}" has more decimals than ${currency ?? 'the column'} (${decimals})`);
  }
  const value = Number(`${match[1]}${(match[2] as string).replace(/\D/g, '')}${fraction.padEnd(decimals, '0')}`);
  return Number.isSafeInteger(value) ? value + 0 : new Unusable(`"${text}" is too large`);
}
