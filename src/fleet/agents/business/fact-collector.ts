import { displayValue } from '../../data/display.ts';
import type { Fact, FactUnit, Period } from '../../data/fact.ts';
import { scaledRatio } from '../../data/rounding.ts';
import type { QueryOptions, SqlDatabase, SqlValue } from '../../data/sql-database.ts';

/** Number, or null where SQL had nothing to sum or choose. */
type Known<T> = T | null | undefined;

/** The first of a ranking. */
export interface Leader {
  readonly name: string;
  readonly value: number;
}

/**
 * What a fact group computes with. Queries get the period as $1 and $2. What is not defined for the
 * period (an average of nothing, the leader of an empty ranking) is not stated, and never turned into a
 * zero; it is no missing data either, as the counts beside it tell.
 */
export class FactCollector {
  readonly period: Period;
  readonly dialect: SqlDatabase['dialect'];
  readonly facts: Fact[] = [];
  readonly #agent: string;
  readonly #database: SqlDatabase;
  readonly #options: QueryOptions;

  constructor(agent: string, database: SqlDatabase, period: Period, options: QueryOptions) {
    this.#agent = agent;
    this.#database = database;
    this.#options = options;
    this.period = period;
    this.dialect = database.dialect;
  }

  /** Rows of a query about the period: $1 and $2 are its ends, further parameters follow. */
  inPeriod<Row extends object>(sql: string, ...further: SqlValue[]): Promise<Row[]> {
    return this.#database.query<Row>(sql, [this.period.from, this.period.to, ...further], this.#options);
  }

  /** The one row of an aggregate over the period. */
  async totals<Row extends object>(sql: string, ...further: SqlValue[]): Promise<Row> {
    return (await this.inPeriod<Row>(sql, ...further))[0] as Row;
  }

  /** First row of a ranking over the period; the query must break its ties. */
  async leader(sql: string, ...further: SqlValue[]): Promise<Leader | undefined> {
    return (await this.inPeriod<Leader>(sql, ...further))[0];
  }

  /** Rows of a query about what is now, whatever the period. */
  query<Row extends object>(sql: string, ...parameters: SqlValue[]): Promise<Row[]> {
    return this.#database.query<Row>(sql, parameters, this.#options);
  }

  count(what: string, label: string, value: Known<number>, subject?: string): void {
    this.#add(what, label, value, 'count', subject);
  }

  /** @param euroCents integer; null where no row has an amount in euros */
  money(what: string, label: string, euroCents: Known<number>, subject?: string): void {
    this.#add(what, label, euroCents, 'money', subject);
  }

  /** Mean of `total` cents over `number` things. */
  meanMoney(what: string, label: string, totalCents: Known<number>, number: number): void {
    this.#add(what, label, totalCents == null || number === 0 ? null : scaledRatio(totalCents, number, 1), 'money');
  }

  /** Share of `part` in `whole`, to a tenth of a percent. */
  share(what: string, label: string, part: Known<number>, whole: Known<number>, subject?: string): void {
    this.#add(what, label, part == null || whole == null || whole === 0 ? null : scaledRatio(part, whole, 1_000) * 10, 'percent', subject);
  }

  /** By how much `now` is above (below: negative) `before`, to a tenth of a percent. */
  change(what: string, label: string, now: Known<number>, before: Known<number>): void {
    this.share(what, label, now == null || before == null ? null : now - before, before != null && before > 0 ? before : null);
  }

  /** Mean of `total` days over `number` things, to a tenth of a day. */
  meanDays(what: string, label: string, totalDays: Known<number>, number: number): void {
    this.#add(what, label, totalDays == null || number === 0 ? null : scaledRatio(totalDays, number, 10), 'days');
  }

  /** Mean of `total` over `number` things, to a hundredth. */
  ratio(what: string, label: string, total: Known<number>, number: number): void {
    this.#add(what, label, total == null || number === 0 ? null : scaledRatio(total, number, 100), 'ratio');
  }

  text(what: string, label: string, value: Known<string>): void {
    this.#add(what, label, value, 'text');
  }

  date(what: string, label: string, value: Known<string>, subject?: string): void {
    this.#add(what, label, value, 'date', subject);
  }

  /** The leader of a ranking and its figure: `<what>` and `<what>_<figure>`. */
  top(what: string, label: string, leader: Leader | undefined, figure: { name: string; label: string; unit: 'count' | 'money' }): void {
    this.text(what, label, leader?.name);
    if (leader !== undefined) this.#add(`${what}_${figure.name}`, figure.label, leader.value, figure.unit, leader.name);
  }

  #add(what: string, label: string, value: Known<number | string>, unit: FactUnit, subject?: string): void {
    if (value == null) return;
    this.facts.push({
      id: `${this.#agent}.${what}`,
      agent: this.#agent,
      label,
      value,
      unit,
      ...(unit === 'money' ? { currency: 'EUR' } : {}),
      display: unit === 'money' ? displayValue(value, unit, 'EUR') : displayValue(value, unit),
      ...(subject === undefined ? {} : { subject }),
    });
  }
}

/** Days from one date column to another, as an integer; the one expression that the dialects do not share. */
export function daysBetween(dialect: SqlDatabase['dialect'], from: string, to: string): string {
  return dialect === 'postgres' ? `(CAST(${to} AS DATE) - CAST(${from} AS DATE))` : `CAST(julianday(${to}) - julianday(${from}) AS INTEGER)`;
}
