import { createRng, type Rng } from '../../src/core/rng.ts';
import type { TableSpec } from '../../src/fleet/data/table.ts';

/** Everything is drawn from this one seed: a second run writes the same bytes. */
export const rootRng: Rng = createRng('netra business data 1');

export const YEAR_START = '2025-01-01';
export const YEAR_END = '2025-12-31';

export type Cell = string | number | undefined;
export type RowOf<Table extends TableSpec> = { [Column in keyof Table['columns']]: Cell };

/** One table as it goes to its file. */
export interface Sheet {
  readonly table: TableSpec;
  readonly rows: readonly Readonly<Record<string, Cell>>[];
}

export function sheet<Table extends TableSpec>(table: Table, rows: readonly RowOf<Table>[]): Sheet {
  return { table, rows };
}

export interface Country {
  readonly code: string;
  readonly currency: string;
  readonly cities: readonly string[];
  readonly people: readonly string[];
  /** Share of the customers, out of 100. */
  readonly weight: number;
}

export const countries: readonly Country[] = [
  { code: 'DE', currency: 'EUR', weight: 26, cities: ['Köln', 'München', 'Lübeck', 'Würzburg'], people: ['Jürgen Groß', 'Änne Weiß', 'Björn Schröder', 'Käthe Müller', 'Uwe Höß'] },
  { code: 'FR', currency: 'EUR', weight: 13, cities: ['Orléans', 'Besançon', 'Nîmes'], people: ['Éloïse Lefèvre', 'François Bénard', 'Maëlle Châtelain', 'Gaël Prévôt'] },
  { code: 'ES', currency: 'EUR', weight: 8, cities: ['A Coruña', 'Málaga', 'León'], people: ['Íñigo Peña', 'Begoña Núñez', 'Andrés Muñoz'] },
  { code: 'GB', currency: 'GBP', weight: 12, cities: ['Leeds', 'Bath', 'Derry'], people: ["Siobhán O'Neill", 'Zoë Carter', 'Rhys Llewellyn'] },
  { code: 'US', currency: 'USD', weight: 14, cities: ['San José', 'Portland', 'Austin'], people: ['José "Pepe" Álvarez', 'Renée Walker', 'DeShawn Price'] },
  { code: 'CH', currency: 'CHF', weight: 8, cities: ['Zürich', 'Genève', 'Neuchâtel'], people: ['Beat Zürcher', 'Noémie Favre', 'Reto Bühler'] },
  { code: 'PL', currency: 'PLN', weight: 8, cities: ['Łódź', 'Kraków', 'Gdańsk'], people: ['Łukasz Wiśniewski', 'Żaneta Śliwa', 'Michał Źrebiec'] },
  { code: 'SE', currency: 'SEK', weight: 6, cities: ['Malmö', 'Västerås'], people: ['Åsa Öberg', 'Håkan Sjöström'] },
  { code: 'JP', currency: 'JPY', weight: 5, cities: ['京都', '札幌'], people: ['佐藤 陽菜', '鈴木 蓮', '高橋 結衣'] },
];

/** Euros for one unit in January; later months drift a little. */
export const januaryRates: Readonly<Record<string, number>> = { USD: 0.9612, GBP: 1.1893, CHF: 1.0625, PLN: 0.2352, SEK: 0.0869, JPY: 0.006153 };

export function decimals(currency: string): number {
  return currency === 'JPY' ? 0 : 2;
}

/** Minor units as an export writes them: `1234.50`, yen without decimals. */
export function amount(minorUnits: number, currency: string): string {
  return decimals(currency) === 0 ? String(minorUnits) : (minorUnits / 100).toFixed(2);
}

/** A price of `eurCents` as a shop would put it in another currency: converted, rounded to a charm price. */
export function priceIn(eurCents: number, currency: string): number {
  if (currency === 'EUR') return eurCents;
  const rate = januaryRates[currency];
  if (rate === undefined) throw new RangeError(`no rate of ${currency}`);
  const units = eurCents / 100 / rate;
  return currency === 'JPY' ? Math.max(100, Math.round(units / 10) * 10) : Math.max(1, Math.round(units)) * 100 - 1;
}

const DAY_MS = 86_400_000;

export function addDays(day: string, days: number): string {
  return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
}

/** A day of the year, evenly. */
export function anyDay(rng: Rng): string {
  return addDays(YEAR_START, rng.integer(0, 364));
}

/** `P-0042` */
export function id(prefix: string, number: number, width = 4): string {
  return `${prefix}-${String(number).padStart(width, '0')}`;
}

export function chance(rng: Rng, probability: number): boolean {
  return rng.next() < probability;
}

/** One of `[item, weight]`, weights being positive. */
export function weighted<T>(rng: Rng, items: readonly (readonly [T, number])[]): T {
  let left = rng.next() * items.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [item, weight] of items) {
    left -= weight;
    if (left < 0) return item;
  }
  return elementAt(items, items.length - 1)[0];
}

/** `date` unless it lies after the year's end: an export knows nothing of the future. */
export function known(day: string): string | undefined {
  return day <= YEAR_END ? day : undefined;
}

/** The element at `index`, which has to be there. */
export function elementAt<T>(items: readonly T[], index: number): T {
  const item = items[index];
  if (item === undefined) throw new RangeError(`no element ${index}`);
  return item;
}

/** The rows with a few of them standing twice, a little further down, as exports of overlapping windows have them. */
export function withDuplicates<Row>(rng: Rng, rows: readonly Row[], count: number): Row[] {
  const result = [...rows];
  for (let copy = 0; copy < count; copy++) {
    const from = rng.integer(0, result.length - 1);
    result.splice(Math.min(result.length, from + rng.integer(1, 40)), 0, elementAt(result, from));
  }
  return result;
}
