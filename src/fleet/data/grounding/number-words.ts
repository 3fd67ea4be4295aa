import { unitAfter, unitOf, type Unit } from './units.ts';

const small = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve', 'thirteen', 'fourteen', 'fifteen', 'sixteen', 'seventeen', 'eighteen', 'nineteen'];
const tens = ['twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'];
const multipliers: Readonly<Record<string, number>> = { dozen: 12, hundred: 100, thousand: 1_000, million: 1_000_000, billion: 1_000_000_000 };
const word = `(?:${[...small, ...tens, ...Object.keys(multipliers)].toSorted((a, b) => b.length - a.length).join('|')})`;

/** Numbers in English words, with the unit after them. */
export const numberWords = new RegExp(`(?<![\\p{L}\\p{N}])(?<words>${word}(?:(?:[ -]|[ ]and[ ])${word})*)(?![\\p{L}\\p{N}])(?:[ -](?<unit>${unitAfter}))?`, 'giu');

/** Up to this, a word alone is prose (`two steps`, `one of`), not a figure. */
const PROSE = 12;

/** A match of `numberWords` as a quantity; undefined where it is prose. */
export function spelledQuantity(match: RegExpExecArray): { value: string; unit: Unit } | undefined {
  const unit = unitOf(match.groups?.['unit']);
  const words = (match.groups?.['words'] ?? '').toLowerCase().split(/[ -]/).filter((part) => part !== 'and');
  let total = 0;
  let current = 0;
  for (const part of words) {
    const factor = multipliers[part];
    if (factor === undefined) current += small.includes(part) ? small.indexOf(part) : (tens.indexOf(part) + 2) * 10;
    else if (factor <= 100) current = Math.max(current, 1) * factor;
    else {
      total += Math.max(current, 1) * factor;
      current = 0;
    }
  }
  const value = total + current;
  return unit === undefined && value <= PROSE ? undefined : { value: String(value), unit: unit ?? { kind: 'plain' } };
}
