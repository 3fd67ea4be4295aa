import type { Period } from '../fact.ts';
import type { TextMask, Verdict } from './text-mask.ts';

/** Month names and their abbreviations, lower case, in the languages reports are written in → 1…12. */
const monthNumbers: ReadonlyMap<string, number> = new Map(
  ['en', 'de', 'fr', 'es'].flatMap((language) =>
    (['long', 'short'] as const).flatMap((style) => {
      const format = new Intl.DateTimeFormat(language, { month: style, timeZone: 'UTC' });
      return Array.from({ length: 12 }, (_, month): [string, number] => [format.format(Date.UTC(2025, month, 15)).toLowerCase().replace(/\.$/, ''), month + 1]);
    }),
  ),
);
const month = `(?<month>${[...monthNumbers.keys()].toSorted((a, b) => b.length - a.length).join('|')})\\.?(?![\\p{L}\\p{N}])`;
const day = '(?<day>\\d{1,2})(?:st|nd|rd|th|\\.)?';
const year = '(?<year>(?:19|20)\\d{2})(?![\\p{N}]|[.,]\\d)';
const start = '(?<![\\p{L}\\p{N}]|\\d[.,])';

const iso = new RegExp(`${start}(?<full>\\d{4}-\\d{2}-\\d{2})(?:[T ]\\d{2}:\\d{2}(?::\\d{2}(?:\\.\\d+)?)?Z?)?(?!\\p{N}|-\\d)`, 'gu');
const isoMonth = new RegExp(`${start}(?<year>\\d{4})-(?<monthNumber>0[1-9]|1[0-2])(?!\\p{N}|-\\d)`, 'gu');
const dayMonth = new RegExp(`${start}(?:(?<firstDay>\\d{1,2})(?:st|nd|rd|th|\\.)?\\s?[-–—]\\s?)?${day}\\s+(?:of\\s+|de\\s+)?${month}(?:,?\\s+(?:de\\s+)?${year})?`, 'giu');
const monthDay = new RegExp(`${start}${month}\\s+${day}(?![\\p{N}]|[.,]\\d)(?:\\s?[-–—]\\s?(?<lastDay>\\d{1,2})(?:st|nd|rd|th)?(?!\\p{N}))?(?:,?\\s+${year})?`, 'giu');
const monthYear = new RegExp(`${start}${month},?\\s+(?:de\\s+)?${year}`, 'giu');
const numeric = new RegExp(`${start}(?<a>\\d{1,2})(?<separator>[./])(?<b>\\d{1,2})\\k<separator>(?<year>\\d{4})(?!\\p{N})`, 'gu');
const quarter = new RegExp(`${start}(?:(?<yearBefore>(?:19|20)\\d{2})[- /]?)?(?:(?<part>[QH])(?<number>[1-4])|(?<ordinal>[1-4])(?:st|nd|rd|th) quarter)(?:(?:[- /,]| of )?\\s?${year})?(?!\\p{L}|\\p{N})`, 'gu');
const fiscalYear = new RegExp(`${start}(?:FY|CY)\\s?${year}`, 'gu');
const yearInContext = new RegExp(
  `(?<=(?:^|[^\\p{L}])(?:in|for|during|since|until|till|through|throughout|from|to|of|by|and|year|calendar|early|late|mid|im Jahr|Jahr|en)[ -])${year}(?=$|[^\\p{L}\\p{N} ]| (?:$|[^\\p{L}\\p{N}])| (?:the|was|were|is|are|and|to|with|had|has|saw|a|an|we|as|by|from|compared|versus|vs|up|until|through|in|on|at|but|while|which|when|it|this|that)(?!\\p{L}))`,
  'gimu',
);
const length = new RegExp(`${start}(?<count>\\d{1,4})[- ](?<unit>day|week|month|quarter|year)s?(?!\\p{L})`, 'giu');

const DAY_MS = 86_400_000;

/**
 * Judges everything that reads as a date. A day must be one of `days` (ends of the period, dates of
 * facts and of the question); a month, a quarter or a year must be touched by the period or hold such a
 * day. `90-day` is accepted where it is the length of the period.
 */
export function judgeDates(mask: TextMask, period: Period, days: ReadonlySet<string>): void {
  const all = [...days];
  const monthKnown = (wanted: string): boolean => (wanted >= period.from.slice(0, 7) && wanted <= period.to.slice(0, 7)) || all.some((one) => one.startsWith(wanted));
  const yearKnown = (wanted: string): boolean => (wanted >= period.from.slice(0, 4) && wanted <= period.to.slice(0, 4)) || all.some((one) => one.startsWith(wanted));
  const dayKnown = (dayOf: string, monthNumber: number, yearOf: string | undefined): boolean => {
    const suffix = `-${String(monthNumber).padStart(2, '0')}-${dayOf.padStart(2, '0')}`;
    return yearOf === undefined ? all.some((one) => one.endsWith(suffix)) : days.has(`${yearOf}${suffix}`);
  };

  mask.judge(iso, ({ groups }) => verdict(days.has(groups?.['full'] ?? '')));
  mask.judge(numeric, ({ groups = {} }) => {
    const [a, b, yearOf] = [groups['a'] as string, groups['b'] as string, groups['year'] as string];
    return verdict(dayKnown(a, Number(b), yearOf) || (groups['separator'] === '/' && dayKnown(b, Number(a), yearOf)));
  });
  mask.judge(isoMonth, ({ groups }) => verdict(monthKnown(`${groups?.['year']}-${groups?.['monthNumber']}`)));
  for (const pattern of [dayMonth, monthDay]) {
    mask.judge(pattern, ({ groups = {} }) => {
      const ends = [groups['firstDay'], groups['day'], groups['lastDay']].filter((one) => one !== undefined);
      const good = ends.every((one) => dayKnown(one, monthNumbers.get((groups['month'] as string).toLowerCase()) ?? 0, groups['year']));
      // Without a year it may be no date at all: `in May 12 orders came`; the number rule decides.
      return good ? 'accept' : groups['year'] === undefined ? 'leave' : 'reject';
    });
  }
  mask.judge(monthYear, ({ groups = {} }) => verdict(monthKnown(`${groups['year']}-${String(monthNumbers.get((groups['month'] as string).toLowerCase())).padStart(2, '0')}`)));
  mask.judge(quarter, ({ groups = {} }) => {
    const number = Number(groups['number'] ?? groups['ordinal']);
    const months = groups['part'] === 'H' ? 6 : 3;
    const yearOf = groups['year'] ?? groups['yearBefore'];
    const years = yearOf === undefined ? [period.from.slice(0, 4), period.to.slice(0, 4)] : [yearOf];
    const within = Array.from({ length: months }, (_, index) => String((number - 1) * months + index + 1).padStart(2, '0'));
    return verdict(number * months <= 12 && years.some((one) => within.some((monthOf) => monthKnown(`${one}-${monthOf}`))));
  });
  mask.judge(fiscalYear, ({ groups }) => verdict(yearKnown(groups?.['year'] ?? '')));
  mask.judge(yearInContext, ({ groups }) => (yearKnown(groups?.['year'] ?? '') ? 'accept' : 'leave'));
  const lengths = periodLengths(period);
  mask.judge(length, ({ groups = {} }) => (lengths.get((groups['unit'] as string).toLowerCase()) === Number(groups['count']) ? 'accept' : 'leave'));
}

function verdict(good: boolean): Verdict {
  return good ? 'accept' : 'reject';
}

/** How long the period is in each unit that divides it. */
function periodLengths({ from, to }: Period): Map<string, number> {
  const days = Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS) + 1;
  const lengths = new Map([['day', days]]);
  if (days % 7 === 0) lengths.set('week', days / 7);
  const end = new Date(Date.parse(to) + DAY_MS).toISOString();
  const months = (Number(end.slice(0, 4)) - Number(from.slice(0, 4))) * 12 + Number(end.slice(5, 7)) - Number(from.slice(5, 7));
  if (months > 0 && end.slice(8, 10) === from.slice(8, 10)) {
    lengths.set('month', months);
    if (months % 3 === 0) lengths.set('quarter', months / 3);
    if (months % 12 === 0) lengths.set('year', months / 12);
  }
  return lengths;
}
