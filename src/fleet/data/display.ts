import { currencyDecimals } from './currencies.ts';
import type { FactUnit } from './fact.ts';

/** Decimals that a fact's integer value stands for; `money` has those of its currency. */
const decimalsOf: Readonly<Partial<Record<FactUnit, number>>> = { count: 0, percent: 2, days: 1, ratio: 2 };

/** A scaled integer with its point and grouped thousands: (123456, 2) → `1,234.56`. */
export function decimalText(scaled: number, decimals: number): string {
  const digits = String(Math.abs(scaled)).padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals).replace(/\B(?=(\d{3})+$)/g, ',');
  const fraction = decimals === 0 ? '' : `.${digits.slice(-decimals)}`;
  return `${scaled < 0 ? '-' : ''}${whole}${fraction}`;
}

/** How a report writes a fact's value: `1,234.56 EUR`, `12.4 %`, `2,041`, `3.5 days`, `2025-01-31`. */
export function displayValue(value: number | string, unit: FactUnit, currency?: string): string {
  if (typeof value === 'string') return value;
  switch (unit) {
    case 'money':
      return `${decimalText(value, currencyDecimals(currency ?? 'EUR'))} ${currency ?? 'EUR'}`;
    case 'percent':
      // Facts give whole tenths of a percent, so nothing is lost by showing one decimal.
      return `${value % 10 === 0 ? decimalText(value / 10, 1) : decimalText(value, 2)} %`;
    case 'days':
      return `${decimalText(value, 1)} ${value === 10 ? 'day' : 'days'}`;
    default:
      return decimalText(value, decimalsOf[unit] ?? 0);
  }
}

/** The plain number that a fact states, as decimal digits: `1234.56`; undefined for texts and dates. */
export function factDecimals(unit: FactUnit, currency?: string): number | undefined {
  return unit === 'money' ? currencyDecimals(currency ?? 'EUR') : decimalsOf[unit];
}
