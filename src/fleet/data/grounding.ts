import type { Fact, Period } from './fact.ts';
import { judgeDates } from './grounding/date-expressions.ts';
import { acceptEnumerations } from './grounding/enumerations.ts';
import { identifiersOf, judgeIdentifiers } from './grounding/identifiers.ts';
import { KnownQuantities } from './grounding/known-quantities.ts';
import { numberTokens } from './grounding/number-tokens.ts';
import { numberWords, spelledQuantity } from './grounding/number-words.ts';
import { TextMask, type UngroundedToken } from './grounding/text-mask.ts';

export type { UngroundedToken } from './grounding/text-mask.ts';

export interface GroundingAllowance {
  readonly period: Period;
  /** The question that the report answers: its numbers may be repeated. */
  readonly question?: string;
  /** Further days that may be named, ISO: the `asOf` of the fact sheets. */
  readonly dates?: readonly string[];
  /** Texts that may be repeated word for word: the notes on missing data, names. */
  readonly texts?: readonly string[];
}

export interface GroundingResult {
  readonly grounded: boolean;
  /** In the order of the text. */
  readonly ungrounded: readonly UngroundedToken[];
}

/**
 * Finds the numbers of a report that are not facts. A number is grounded if it is
 *
 * 1. part of a known text repeated word for word: a fact's label, text or subject, the question, `texts`;
 * 2. a date: a day that is an end of the period, a date fact, or in `dates` or the question; a month,
 *    quarter or year that the period touches; the length of the period (`3-month`);
 * 3. the number of a paragraph (`1.`, `2.` in order) or of a step, table and the like (`Step 3`);
 * 4. in an identifier that occurs in a known text (`O-10023`), or in a word like `B2B`;
 * 5. equal to a fact or to a number of the question, however it is written: 1234.56, 1,234.56,
 *    1.234,56, 1 234,56, 1'234.56, €1,234.56, EUR 1234.56, 1.2 million where that is exact. With a percent sign it
 *    must be a percentage, with a currency an amount in that currency; without either it may be
 *    any fact. A minus needs a negative fact; a negative fact without its minus needs a word of falling
 *    in the sentence (`fell by 12.4 %`).
 *
 * Numbers in English words count from thirteen on, and below it if a unit follows (`seven percent`).
 * Rounded values, sums, differences and shares that are no fact are not grounded. A currency that no fact
 * is in is not grounded even away from a number (`Revenue (USD)`).
 *
 * Not judged: whether a fact is put to the right use (its number beside another fact's label), units
 * other than percent and currencies, and vague quantities (`half`, `doubled`, `hundreds`).
 */
export function groundText(text: string, facts: readonly Fact[], allowed: GroundingAllowance): GroundingResult {
  const question = allowed.question ?? '';
  const phrases = [...facts.flatMap((fact) => [fact.label, fact.subject ?? '', fact.unit === 'text' ? String(fact.value) : '']), question, ...(allowed.texts ?? [])];
  const days = knownDays(facts, allowed);
  const known = new KnownQuantities(facts, figuresOf(question, allowed.period, days));
  const mask = new TextMask(text);
  acceptPhrases(mask, [...phrases, ...phrases.flatMap(numbersWithTheirNoun)]);
  judgeDates(mask, allowed.period, days);
  acceptEnumerations(mask);
  mask.judge(/(?<![\p{N}.,])24\/7(?!\p{N}|[.,]\d)/gu, () => 'accept');
  judgeIdentifiers(mask, identifiersOf(phrases));
  judgeNumbers(mask, known);
  judgeSpelledNumbers(mask, known);
  mask.judge(loneCurrency, ([code]) => (known.currencies.has(code) ? 'accept' : 'reject'));
  // Digits of other scripts and ready-made fractions: no fact is displayed so.
  mask.judge(/[^\P{Nd}0-9]+|[¼-¾⅐-⅞↉]/gu, () => 'reject');
  const ungrounded = mask.ungrounded();
  return { grounded: ungrounded.length === 0, ungrounded };
}

/** Codes that are no words: ALL, TOP and TRY are currencies too. */
const loneCurrency = /(?<![\p{L}\p{N}])(?:EUR|USD|GBP|CHF|JPY|CNY|SEK|NOK|DKK|PLN|CZK|HUF|CAD|AUD|NZD|INR|BRL|MXN|ZAR|KRW|SGD|HKD)(?![\p{L}\p{N}])/gu;

const falling =
  /(?<!\p{L})(?:fell|fall(?:s|en|ing)?|drop\w*|declin\w*|decreas\w*|down(?:turn|ward)?|lower|less|below|fewer|shrank|shrink\w*|shrunk|reduc\w*|minus|loss(?:es)?|lost|negative|contract(?:ed|ion|s)|slip\w*|weaker|worse\w*|behind|deficit|shortfall|slump\w*|dip\w*|plung\w*|tumbl\w*|sank|sunk|Rückgang|gesunken|gefallen|weniger|niedriger|verringert\w*|zurückgegangen|baisse|recul)(?!\p{L})/iu;

function judgeNumbers(mask: TextMask, known: KnownQuantities): void {
  // Digits grouped by blanks first; what is no fact that way is read number by number.
  for (const reading of ['grouped', 'single'] as const) {
    mask.judgeSpans(numberTokens(mask.rest, reading), (token) => {
      if (known.has({ ...token, falling: () => falling.test(mask.sentenceAt(token.offset)) })) return 'accept';
      return reading === 'single' ? 'reject' : 'leave';
    });
  }
}

function judgeSpelledNumbers(mask: TextMask, known: KnownQuantities): void {
  mask.judge(numberWords, (match) => {
    const spelled = spelledQuantity(match);
    if (spelled === undefined) return 'leave';
    const claim = { values: [spelled.value], sign: '', unit: spelled.unit, falling: () => falling.test(mask.sentenceAt(match.index)) } as const;
    return known.has(claim) ? 'accept' : 'reject';
  });
}

/** Accepts verbatim repetitions that contain letters; a bare number is a figure, whoever else wrote it. */
function acceptPhrases(mask: TextMask, phrases: readonly string[]): void {
  const usable = [...new Set(phrases.map((phrase) => phrase.trim()))].filter((phrase) => /\p{L}/u.test(phrase) && (/\p{N}/u.test(phrase) || numberWordsIn(phrase)));
  if (usable.length === 0) return;
  const sources = usable.toSorted((a, b) => b.length - a.length).map((phrase) => phrase.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&').replace(/\s+/g, '\\s+'));
  mask.judge(new RegExp(`(?<![\\p{L}\\p{N}]|\\d[.,])(?:${sources.join('|')})(?!\\p{L}|\\p{N}|[.,'’]\\d|[ \\u00A0]?%)`, 'giu'), () => 'accept');
}

/** The question without what is no figure in it: dates, `Q3`, ids. */
function figuresOf(question: string, period: Period, days: ReadonlySet<string>): string {
  const mask = new TextMask(question);
  judgeDates(mask, period, days);
  judgeIdentifiers(mask, new Set());
  return mask.rest;
}

function numberWordsIn(phrase: string): boolean {
  return [...phrase.matchAll(numberWords)].length > 0;
}

/** `… more than 7 days late` → `7 days`: a threshold may be told without the whole label. */
function numbersWithTheirNoun(phrase: string): string[] {
  return [...phrase.matchAll(/(?<![\p{L}\p{N}.,])\d+[ -]\p{L}+/gu)].map(([pair]) => pair);
}

function knownDays(facts: readonly Fact[], { period, dates = [], question = '' }: GroundingAllowance): Set<string> {
  const ofFacts = facts.filter((fact) => fact.unit === 'date').map((fact) => String(fact.value));
  return new Set([period.from, period.to, ...dates, ...ofFacts, ...(question.match(/\d{4}-\d{2}-\d{2}/g) ?? [])]);
}
