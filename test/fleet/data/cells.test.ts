import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { cellReader, Unusable } from '../../../src/fleet/data/cells.ts';
import { toEuroCents } from '../../../src/fleet/data/fx.ts';
import { datePatternProblem } from '../../../src/fleet/data/dates.ts';
import { displayValue } from '../../../src/fleet/data/display.ts';
import { divideRounded } from '../../../src/fleet/data/rounding.ts';
import { currency, date, integer, money, optionalBoolean, optionalPercent, optionalTimestamp, rate } from '../../../src/fleet/data/table.ts';

const cents = fc.integer({ min: -(10 ** 12), max: 10 ** 12 });

const group = (text: string, separator: string): string => text.replace(/\B(?=(\d{3})+$)/g, separator);

test('N07 every amount comes back from every way of writing it', () => {
  fc.assert(
    fc.property(cents, (value) => {
      const [whole, fraction] = [String(Math.trunc(Math.abs(value) / 100)), String(Math.abs(value) % 100).padStart(2, '0')];
      const sign = value < 0 ? '-' : '';
      const read = cellReader(money);
      const readComma = cellReader(money, { number: 'decimal-comma' });
      expect(read(`${sign}${whole}.${fraction}`, 'EUR')).toBe(value);
      expect(read(`${sign}${group(whole, ',')}.${fraction}`, 'EUR')).toBe(value);
      expect(read(displayValue(value, 'money', 'EUR').replace(' EUR', ''), 'EUR')).toBe(value);
      expect(readComma(`${sign}${group(whole, '.')},${fraction}`, 'EUR')).toBe(value);
      expect(readComma(`${sign}${group(whole, '\u202F')},${fraction}`, 'EUR')).toBe(value);
      expect(cellReader(money, { number: 'minor-units' })(String(value), 'EUR')).toBe(value);
    }),
  );
});

test.each([
  [money, 'EUR', '12,34', '"12,34" is no number'],
  [money, 'EUR', '1.234,56', '"1.234,56" is no number'],
  [money, 'EUR', '12.345', 'more decimals than EUR (2)'],
  [money, 'KWD', '12.3456', 'more decimals than KWD (3)'],
  [money, 'EUR', '1e3', 'is no number'],
  [money, 'EUR', '99999999999999999', 'is too large'],
  [money, 'EUR', 'NaN', 'is no number'],
  [integer(0, 10), 'EUR', '11', '11 is not between 0 and 10'],
  [integer(0, 10), 'EUR', '1.5', 'more decimals'],
  [date, 'EUR', '2025-02-29', 'no date of the form YYYY-MM-DD'],
  [date, 'EUR', '2025-13-01', 'no date'],
  [optionalTimestamp, 'EUR', '2025-01-01T25:00:00Z', 'no date'],
  [optionalBoolean, 'EUR', 'perhaps', 'neither true nor false'],
  [currency, 'EUR', 'eur', 'no ISO 4217'],
  [rate, 'EUR', '0', 'not above 0'],
  [rate, 'EUR', '0.1234567891', 'more decimals'],
])('N07 %o in %s refuses %s', (spec, code, text, reason) => {
  const value = cellReader(spec)(text, code);
  expect(value).toBeInstanceOf(Unusable);
  expect((value as Unusable).reason).toContain(reason);
});

test.each([
  [money, 'JPY', '1500', 1500],
  [money, 'KWD', '1.5', 1500],
  [optionalPercent, 'EUR', '12.5', 1250],
  [optionalPercent, 'EUR', '12.5 %', 1250],
  [optionalBoolean, 'EUR', 'Yes', 1],
  [date, 'EUR', '2024-02-29T23:00:00Z', '2024-02-29'],
  [optionalTimestamp, 'EUR', '2025-01-01 00:30:15.250+0200', '2024-12-31T22:30:15Z'],
  [rate, 'EUR', '0.00615', 615_000],
])('N07 %o in %s reads %s', (spec, code, text, value) => {
  expect(cellReader(spec)(text, code)).toBe(value);
});

test('N07 date patterns find real days only, and say what they lack', () => {
  expect(cellReader(date, { date: 'M/D/YYYY' })('2/3/2025', 'EUR')).toBe('2025-02-03');
  expect(cellReader(date, { date: 'DD.MM.YYYY' })('30.02.2025', 'EUR')).toBeInstanceOf(Unusable);
  expect(cellReader(date, { date: 'DD.MM.YYYY' })('03x02x2025', 'EUR')).toBeInstanceOf(Unusable);
  expect(datePatternProblem('YYYYMMDD')).toBeUndefined();
  expect(datePatternProblem('MM/YYYY')).toBe('lacks a year, a month or a day');
  expect(datePatternProblem('DD.MM.YYYY DD')).toBe('names a part twice');
});

test('F05 conversion to euros is the exact quotient, rounded half away from zero', () => {
  fc.assert(
    fc.property(cents, fc.integer({ min: 1, max: 10 ** 10 }), (amount, scaledRate) => {
      const exact = BigInt(amount) * BigInt(scaledRate);
      const result = BigInt(toEuroCents(amount, 'USD', scaledRate));
      const error = result * 10n ** 8n - exact;
      const magnitude = error < 0n ? -error : error;
      expect(magnitude <= 10n ** 8n / 2n).toBe(true);
      // A tie goes away from zero, so it never falls short of the exact amount.
      const shortOfTie = magnitude === 10n ** 8n / 2n && (exact < 0n ? error > 0n : error < 0n);
      expect(shortOfTie).toBe(false);
      expect(toEuroCents(-amount, 'USD', scaledRate) + toEuroCents(amount, 'USD', scaledRate)).toBe(0);
    }),
  );
  expect([divideRounded(5n, 2n), divideRounded(-5n, 2n), divideRounded(5n, -2n), divideRounded(4n, 3n)]).toEqual([3n, -3n, -3n, 1n]);
});
