import { interpretations, shiftPoint } from './number-spelling.ts';
import { currencyBefore, unitAfter, unitOf, type Unit } from './units.ts';

/** A number as a text writes it, with what stands around it. */
export interface NumberToken {
  readonly offset: number;
  readonly length: number;
  /** What it can stand for; empty where it is no number that anybody writes. */
  readonly values: readonly string[];
  readonly sign: '+' | '-' | '';
  readonly unit: Unit;
}

// Markdown may put a number in bold and leave its unit outside: `**12.4** %`.
const emphasis = '[*_`]{0,3}';
const blank = '[ \\u00A0\\u2009\\u202F]';
const digits = `\\d+(?:[.,'’\\u00A0\\u2009\\u202F]\\d+)*`;
const scaleWords: Readonly<Record<string, number>> = { k: 3, tsd: 3, tausend: 3, thousand: 3, m: 6, mn: 6, mio: 6, million: 6, millionen: 6, bn: 9, b: 9, mrd: 9, billion: 9, milliarden: 9, trillion: 12, hundred: 2 };
const scale = `(?:[kKmMB]|bn|mn|Mio\\.?|Mrd\\.?|Tsd\\.?|${blank}(?:hundred|thousand|million|billion|trillion|bn|mn|Mio\\.?|Mrd\\.?|Tsd\\.?|Tausend|Millionen|Million|Milliarden|[kM](?=${blank}?(?:EUR|USD|[€$£]))))(?!\\p{L}|\\p{N})`;

/** @param grouped whether digits in groups of three with blanks between them are one number */
function tokenPattern(grouped: boolean): RegExp {
  const number = grouped ? `\\d{1,3}(?:${blank}\\d{3})+(?!\\d)(?:[.,]\\d+)?|${digits}` : digits;
  return new RegExp(
    `(?<sign>(?<![\\p{L}\\p{N})%_-])[-−–+])?${emphasis}(?:(?<before>${currencyBefore})${blank}?)?(?<inner>[-−])?(?<number>\\.\\d+|${number})(?<scale>${scale})?(?:${emphasis}[- \\u00A0\\u2009\\u202F]?(?<after>${unitAfter}))?`,
    'gu',
  );
}

const patterns = { grouped: tokenPattern(true), single: tokenPattern(false) };

/** All numbers of a text. Blanks between groups are ambiguous (`in 2025 120 orders`): ask for both readings. */
export function numberTokens(text: string, reading: 'grouped' | 'single'): NumberToken[] {
  return [...text.matchAll(patterns[reading])].map((match) => {
    const groups = match.groups as Record<string, string | undefined>;
    const spelling = groups['number'] as string;
    const [before, after] = [unitOf(groups['before']), unitOf(groups['after'])];
    const power = scaleWords[(groups['scale'] ?? '').trim().toLowerCase().replace(/\.$/, '')] ?? 0;
    // Capitals that are no currency belong to the text around the number.
    const lead = groups['before'] !== undefined && before === undefined ? match[0].indexOf(spelling) : 0;
    const tail = groups['after'] !== undefined && after === undefined ? match[0].length - match[0].lastIndexOf(groups['after']) : 0;
    const sign = groups['inner'] ?? (lead > 0 ? undefined : groups['sign']) ?? '';
    return {
      offset: match.index + lead,
      length: match[0].length - lead - tail,
      values: interpretations(spelling.startsWith('.') ? `0${spelling}` : spelling).map((value) => shiftPoint(value, power)),
      sign: sign === '+' ? '+' : sign === '' ? '' : '-',
      unit: combine(before, after),
    };
  });
}

function combine(before: Unit | undefined, after: Unit | undefined): Unit {
  if (before === undefined || after === undefined) return before ?? after ?? { kind: 'plain' };
  const same = before.kind === 'money' && after.kind === 'money' && before.currencies.some((currency) => after.currencies.includes(currency));
  return same ? after : { kind: 'other' };
}
