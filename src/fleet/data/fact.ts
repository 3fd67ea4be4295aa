/**
 * What a fact's value counts. Numbers are integers, so that facts compare exactly: `money` in minor
 * units (cents), `percent` in hundredths of a percent, `days` in tenths of a day, `ratio` in hundredths.
 */
export type FactUnit = 'count' | 'money' | 'percent' | 'days' | 'ratio' | 'text' | 'date';

/** One thing that is known, from one agent's tables. Reports are written from facts and from nothing else. */
export interface Fact {
  /** `<agent>.<what>`, unique in a fact sheet: `order.revenue_total`. */
  readonly id: string;
  readonly agent: string;
  /** What the value is, as a report would introduce it: `Revenue of orders placed in the period`. */
  readonly label: string;
  readonly value: number | string;
  readonly unit: FactUnit;
  /** ISO 4217; with `money` only. */
  readonly currency?: string;
  /** Exactly how a report writes it: `1,234.56 EUR`, `12.4 %`, `2,041 orders`. */
  readonly display: string;
  /** The entity that the fact is about: a product's name, a warehouse, a channel. */
  readonly subject?: string;
}

/** Whole days, both ends included, ISO 8601 (`2025-01-01`). */
export interface Period {
  readonly from: string;
  readonly to: string;
}

/** What one agent answers to the data agent. */
export interface FactSheet {
  readonly agent: string;
  readonly period: Period;
  readonly facts: readonly Fact[];
  /** What could not be told and why: `payments: table absent`. Never stands in for a zero, nor a zero for it. */
  readonly missing: readonly string[];
  /** Newest record date in the agent's tables, ISO; not the clock. Empty where there is no record at all. */
  readonly asOf: string;
}
