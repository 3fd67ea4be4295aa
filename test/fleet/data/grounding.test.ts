import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { displayValue } from '../../../src/fleet/data/display.ts';
import type { Fact, FactUnit } from '../../../src/fleet/data/fact.ts';
import { groundText, type GroundingAllowance } from '../../../src/fleet/data/grounding.ts';

function fact(what: string, value: number | string, unit: FactUnit, label = what, extra: Partial<Fact> = {}): Fact {
  const currency = unit === 'money' ? (extra.currency ?? 'EUR') : undefined;
  return { id: `order.${what}`, agent: 'order', label, value, unit, display: displayValue(value, unit, currency), ...(currency === undefined ? {} : { currency }), ...extra };
}

const facts = [
  fact('revenue_total', 123_456, 'money', 'Revenue of the period'),
  fact('exposure', 120_000_000, 'money', 'Exposure'),
  fact('count', 2_041, 'count', 'Orders placed'),
  fact('stores', 47, 'count', 'Stores that took more than 9 days'),
  fact('share', 1_240, 'percent', 'Share of cancelled orders'),
  fact('change', -2_370, 'percent', 'Change of revenue'),
  fact('transit', 31, 'days', 'Average transit'),
  fact('score', 735, 'ratio', 'Average score'),
  fact('counted', '2025-12-28', 'date', 'Day of the latest count'),
  fact('best', 'Espresso “Größe Nr. 5”, 250 g', 'text', 'Best seller'),
  fact('site_units', 4_637, 'count', 'Units there', { subject: 'W-4' }),
];
const allowed: GroundingAllowance = { period: { from: '2025-07-01', to: '2025-09-30' }, question: 'Which 6 products sold best in Q3 2025, and did we beat 1,500 EUR?', dates: ['2025-12-31'], texts: ['orders.total: 38 amounts left out'] };
const ungrounded = (text: string, known = facts): string[] => groundText(text, known, allowed).ungrounded.map(({ token }) => token);

describe('N07 a number that is a fact is grounded, however it is written', () => {
  test.each([
    'Revenue was 1,234.56 EUR (1234.56 EUR; 1.234,56 EUR; 1 234,56 EUR; 1\u202F234,56 €; 1’234.56 EUR).',
    'Revenue: €1,234.56, € 1.234,56, EUR 1,234.56, EUR1234.56, 1,234.56 euros, **1,234.56** EUR, **€1,234.56**, `1,234.56 EUR`.',
    '| Revenue (EUR) | 1,234.56 |\n|---|---:|\n| Orders | 2,041 |',
    '2,041 orders; 2041 orders; 2.041 Bestellungen; 2 041 commandes; **2,041** orders; (2,041).',
    '12.4 %, 12.4%, 12,4 %, 12.4 percent, 12.4 per cent, 12,4 Prozent, **12.4** %, a 12.4-percent share.',
    'Revenue fell by 23.7 %. The change was -23.7 %, −23.7 % or –23.7%. Der Umsatz ist um 23,7 % gesunken.',
    'Parcels took 3.1 days; the score was 7.35; all 47 stores answered, forty-seven in all.',
    'Exposure is 1.2 million EUR, €1.2M, EUR 1,200,000 or 1.2 Mio. €.',
  ])('%s', (text) => expect(ungrounded(text)).toEqual([]));
});

describe('N07 numbers that are no figures are grounded', () => {
  test.each([
    'From 2025-07-01 to 2025-09-30, as of 2025-12-31, counted on 2025-12-28.',
    'From 1 July to 30 September 2025; July 1, 2025 – September 30, 2025; 01.07.2025–30.09.2025; 07/01/2025; 1. Juli 2025.',
    'In Q3 2025, Q3, the 3rd quarter of 2025, 2025-Q3, H2 2025, July 2025, Jul 2025, 2025-08, FY2025 and in 2025.',
    'A 3-month period of 92 days, one quarter.',
    '1. First\n2. Second\n   1. Nested\n   2) Nested too\n3. Third',
    '## 1. Summary\n## 2. Data analysis\n**Step 1**: look. Recommendation 2: act. See Table 3.',
    'Sell Espresso “Größe Nr. 5”, 250 g from W-4 to B2B customers, 24/7, with less CO2.',
    'The best 6 products against 1,500 EUR; stores that took more than 9 days; a wait of 9 days.',
    'Note: orders.total: 38 amounts left out.',
    'Which 6 products sold best in Q3 2025, and did we beat 1,500 EUR? Two steps, one of them hard, and twelve months.',
  ])('%s', (text) => expect(ungrounded(text)).toEqual([]));
});

describe('N07 what is no fact is pointed at', () => {
  test.each([
    ['a changed digit', 'Revenue was 1,234.57 EUR', ['1,234.57 EUR']],
    ['a swapped currency', 'Revenue was 1,234.56 USD, $1,234.56, **1,234.56** CHF, GBP 1,234.56', ['1,234.56 USD', '$1,234.56', '**1,234.56** CHF', 'GBP 1,234.56']],
    ['a swapped currency in a heading', '| Revenue (USD) | 1,234.56 |', ['USD']],
    ['an invented percentage', 'which is 12.5 % or 50%', ['12.5 %', '50%']],
    ['a count as a percentage or an amount', '2,041 % and 2,041 EUR and 47%', ['2,041 %', '2,041 EUR', '47%']],
    ['a percentage as an amount', '12.40 EUR', ['12.40 EUR']],
    ['a sum made up', '2,088 in all', ['2,088']],
    ['a rounded value', 'about 1,235 EUR, roughly 2,000 orders, 12 %, 1.23k EUR', ['1,235 EUR', '2,000', '12 %', '1.23k EUR']],
    ['a fall told as a rise', 'Revenue grew by 23.7 %. It changed by +23.7 %.', ['23.7 %', '+23.7 %']],
    ['a rise told as negative', 'a share of -12.4 %', ['-12.4 %']],
    ['a day out of the blue', 'on 2025-08-12, 14 August 2025, August 14th, 2025 and 12.08.2025', ['2025-08-12', '14 August 2025', 'August 14th, 2025', '12.08.2025']],
    ['another time', 'in 2023, in March 2025, Q1 2025, Q1, FY2024', ['2023', 'March 2025', 'Q1 2025', 'Q1', 'FY2024']],
    ['a year that is a figure', 'In total 2025 orders came, 2025 of them', ['2025', '2025']],
    ['another length', 'over 4 months or 90 days', ['4', '90']],
    ['numbers in words', 'seven percent, twenty orders, two thousand orders, one hundred euros', ['seven percent', 'twenty', 'two thousand', 'one hundred euros']],
    ['an id out of the blue', 'order O-10003 and W-5', ['O-10003', 'W-5']],
    ['odd spellings', '1,23,4 and 2041.5 and 1,234.560.1 and .47', ['1,23,4', '2041.5', '1,234.560.1', '.47']],
    ['other digits and fractions', '２,041 and ½', ['２', '041', '½']],
    ['a sentence that begins with a figure', 'Good.\n48. That many.', ['48']],
    ['a scale', '47 million EUR and 47k', ['47 million EUR', '47k']],
    ['glued units', '46x, 46kg, 46-fold, EUR46', ['46', '46', '46', 'EUR46']],
    ['per mille and cents', '12.4 ‰ and 47 cents', ['12.4 ‰', '47 cents']],
  ])('%s', (_, text, tokens) => expect(ungrounded(text).toSorted()).toEqual(tokens.toSorted()));

  test('with line and column', () => {
    const result = groundText('Fine: 47.\nÄrger: 48 orders,\n| a | 49 % |', facts, allowed);
    expect(result).toEqual({ grounded: false, ungrounded: [{ token: '48', line: 2, column: 8 }, { token: '49 %', line: 3, column: 7 }] });
  });
});

test('N07 the output of a language model: what is told from facts passes, what is made up does not', () => {
  const text = `# Business Review: Q3 2025

**Period:** July 1 – September 30, 2025

## Key findings

1. **Orders:** The company received **2,041** orders, of which **12.4%** were cancelled.
2. **Revenue:** Revenue of the period came to **€1,234.56**, down **23.7%** on the previous quarter — that is roughly a €290 shortfall.
3. *Delivery:* parcels took 3.1 days on average.

| Metric | Value |
|:--|--:|
| Orders placed | 2,041 |
| Net revenue | 1,234.56 EUR |
| Cancelled orders | 253 |

> Recommendation 1: reduce cancellations by 5 percentage points by Q1 2026.
`;
  const lines = text.split('\n');
  const expected = ['€290', '253', '5 percentage points', 'Q1 2026'].map((token) => {
    const line = lines.findIndex((content) => content.includes(token));
    return { token, line: line + 1, column: (lines[line] ?? '').indexOf(token) + 1 };
  });
  expect(groundText(text, facts, allowed).ungrounded).toEqual(expected);
});

const digitsOf = (text: string): string => text.replace(/\D/g, '').replace(/^0+|0+$/g, '');

const arbitraryFacts = fc
  .array(
    fc.oneof(
      fc.record({ unit: fc.constant('money' as const), value: fc.integer({ min: 1_300, max: 10 ** 10 }) }),
      fc.record({ unit: fc.constant('count' as const), value: fc.integer({ min: 13, max: 10 ** 7 }) }),
      fc.record({ unit: fc.constant('percent' as const), value: fc.integer({ min: 1, max: 999 }).map((tenths) => tenths * 10) }),
      fc.record({ unit: fc.constant('days' as const), value: fc.integer({ min: 11, max: 999 }) }),
      fc.record({ unit: fc.constant('ratio' as const), value: fc.integer({ min: 1, max: 99_999 }) }),
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((list) => list.map(({ unit, value }, index) => fact(`f${String.fromCharCode(97 + index)}`, value, unit, 'Something')));

const quiet: GroundingAllowance = { period: { from: '2025-07-01', to: '2025-09-30' } };
const reportOf = (list: readonly Fact[]): string => `# Report\n\n${list.map(({ display }, index) => `${index + 1}. Something was ${display} in the period, not more.`).join('\n')}\n`;

test('N07 property: a report that displays its facts is grounded', () => {
  fc.assert(
    fc.property(arbitraryFacts, (list) => {
      expect(groundText(reportOf(list), list, quiet).ungrounded).toEqual([]);
    }),
  );
});

test('N07 property: a changed digit anywhere in a figure is caught', () => {
  fc.assert(
    fc.property(arbitraryFacts, fc.nat(), fc.nat(), fc.integer({ min: 1, max: 9 }), (list, which, place, step) => {
      const victim = list[which % list.length] as Fact;
      const positions = [...victim.display.matchAll(/\d/g)].map(({ index }) => index);
      const at = positions[place % positions.length] as number;
      const changed = `${victim.display.slice(0, at)}${(Number(victim.display[at]) + step) % 10}${victim.display.slice(at + 1)}`;
      fc.pre(list.every(({ display }) => digitsOf(display) !== digitsOf(changed)));
      const text = reportOf(list).replace(` was ${victim.display} in`, ` was ${changed} in`);
      const { grounded, ungrounded: found } = groundText(text, list, quiet);
      expect(grounded).toBe(false);
      expect(found.filter(({ token }) => !changed.includes(token) && !token.includes(changed.replace(/ .*/, '')))).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

test('N07 property: an inserted or a dropped digit is caught', () => {
  fc.assert(
    fc.property(arbitraryFacts, fc.nat(), fc.nat(), fc.integer({ min: 0, max: 9 }), fc.boolean(), (list, which, place, digit, insert) => {
      const victim = list[which % list.length] as Fact;
      const positions = [...victim.display.matchAll(/\d/g)].map(({ index }) => index);
      fc.pre(insert || positions.length > 1);
      const at = positions[place % positions.length] as number;
      const changed = `${victim.display.slice(0, at)}${insert ? digit : ''}${victim.display.slice(insert ? at : at + 1)}`;
      fc.pre(list.every(({ display }) => digitsOf(display) !== digitsOf(changed)) && /\d/.test(changed));
      expect(groundText(`It was ${changed} then.`, list, quiet).grounded).toBe(false);
    }),
    { numRuns: 500 },
  );
});

test('N07 property: another unit at the same figure is caught', () => {
  fc.assert(
    fc.property(arbitraryFacts, fc.nat(), fc.constantFrom('USD', 'GBP', '%', 'percent', 'EUR', '€', '$'), (list, which, unit) => {
      const victim = list[which % list.length] as Fact;
      const figure = victim.display.replace(/ .*$/, '');
      const fits = (other: Fact): boolean => (/%|percent/.test(unit) && other.unit === 'percent') || (/EUR|€/.test(unit) && other.unit === 'money');
      fc.pre(!list.some((other) => fits(other) && digitsOf(other.display) === digitsOf(victim.display)));
      expect(groundText(`It was ${figure} ${unit} then.`, list, quiet).grounded).toBe(false);
    }),
  );
});

const spell = (text: string, group: string, point: string): string => text.replaceAll(',', '\u0001').replace('.', point).replaceAll('\u0001', group);

test('N07 property: every usual spelling of a fact is accepted', () => {
  fc.assert(
    fc.property(arbitraryFacts, fc.constantFrom(...([[',', '.'], ['.', ','], ['', '.'], ['', ','], ['\u00A0', ','], ['\u202F', ','], ['’', '.'], [' ', ',']] as const)), (list, [group, point]) => {
      const text = list
        .map(({ display, unit }) => {
          const [figure, ...rest] = display.split(' ');
          const written = spell(figure as string, group, point);
          return unit === 'money' ? `It was €${written}, or ${written} €, or EUR ${written}.` : unit === 'percent' ? `It was ${written}%, or ${written} percent.` : `It was ${written} ${rest.join(' ')}.`;
        })
        .join('\n');
      expect(groundText(text, list, quiet).ungrounded).toEqual([]);
    }),
  );
});

test('N07 grounding ends in reasonable time on hostile text', () => {
  for (const text of ['1,'.repeat(50_000), '1 '.repeat(50_000), 'one-'.repeat(20_000), '1.\n'.repeat(20_000), 'A-'.repeat(50_000), '*_`'.repeat(30_000), '2025-'.repeat(20_000), 'January '.repeat(10_000)]) {
    const started = process.cpuUsage().user;
    groundText(text, facts, allowed);
    expect((process.cpuUsage().user - started) / 1_000).toBeLessThan(3_000);
  }
});
