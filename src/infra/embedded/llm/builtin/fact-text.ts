import type { Rng } from '../../../../core/rng.ts';
import type { BriefFact } from './brief.ts';
import { deck, enumerate, lowerFirst } from './phrases.ts';

/** What can be told of a `display`: the value orders facts of one unit, and is never written. */
export interface Reading {
  readonly kind: 'number' | 'date' | 'text';
  readonly value: number;
  readonly unit: string;
}

export function readDisplay(display: string): Reading {
  const text: Reading = { kind: 'text', value: Number.NaN, unit: '' };
  if (/^\d{4}-\d{2}(-\d{2})?\b/.test(display)) return { ...text, kind: 'date' };
  const match = /^([^\p{L}\p{N}-]*)(-?\d[\d,.]*)( .*|%)?$/u.exec(display);
  const value = Number((match?.[2] ?? '').replaceAll(',', ''));
  if (match === null || !Number.isFinite(value)) return text;
  return { kind: 'number', value, unit: `${match[1] ?? ''}${match[3] ?? ''}`.trim().replace(/s$/, '') };
}

/** `Revenue (Amazon)`; the subject is left out where the label names it already. */
export function titleOf(fact: BriefFact): string {
  return fact.subject === undefined || fact.label.includes(fact.subject) ? fact.label : `${fact.label} (${fact.subject})`;
}

/** One line of a list: `Revenue (Amazon): 1,234.56 EUR`. */
export function lineOf(fact: BriefFact): string {
  return `${titleOf(fact)}: ${fact.display}`;
}

function wasOrWere(label: string): 'was' | 'were' {
  const head = (/^(?:(?! (?:of|in|with|without|by|per|for|to|that|from|on|at|after|before)\b).)+/.exec(label)?.[0] ?? label).trim();
  return /[^s]s$/.test(head) ? 'were' : 'was';
}

/** `Orders placed in the period` and `2,041 orders` → `2,041 orders placed in the period`. */
function countedLabel({ label, display }: BriefFact): string | undefined {
  const noun = / (\p{L}+s)$/u.exec(display)?.[1];
  const tail = noun !== undefined && label.toLowerCase().startsWith(`${noun.toLowerCase()} `) ? label.slice(noun.length) : undefined;
  return tail === undefined ? undefined : display + tail;
}

/** Says facts in sentences; verbs and patterns come from a deck each, so that neighbours differ. */
export class FactWriter {
  readonly #verb: () => string;
  readonly #subjectFirst: () => boolean;
  readonly #join: () => (first: string, second: string) => string;
  readonly #ranking: () => (ranked: Ranked) => string;
  readonly #contrast: () => (pair: Pair) => string;

  constructor(rng: Rng) {
    this.#verb = deck(rng.fork('verb'), ['came to', 'stood at', 'amounted to']);
    this.#subjectFirst = deck(rng.fork('subject'), [true, false]);
    this.#join = deck(rng.fork('join'), joins);
    this.#ranking = deck(rng.fork('ranking'), rankings);
    this.#contrast = deck(rng.fork('contrast'), contrasts);
  }

  /** `Revenue came to 1,234.56 EUR`, to begin a sentence; no full stop. */
  clause(fact: BriefFact): string {
    const { kind } = readDisplay(fact.display);
    const foreign = fact.subject !== undefined && !fact.label.includes(fact.subject);
    const counted = foreign ? undefined : countedLabel(fact);
    if (counted !== undefined) return `There were ${counted}`;
    const verb = kind === 'number' ? this.#verb() : wasOrWere(fact.label);
    if (foreign && this.#subjectFirst()) return `For ${fact.subject}, ${lowerFirst(fact.label)} ${verb} ${fact.display}`;
    return `${titleOf(fact)} ${verb} ${fact.display}`;
  }

  /** The same for the middle of a sentence. */
  innerClause(fact: BriefFact): string {
    return lowerFirst(this.clause(fact));
  }

  /** Two facts in one sentence: as a contrast where they share a unit and compare sensibly, else side by side. */
  pair(first: BriefFact, second: BriefFact): string {
    const [high, low] = readDisplay(first.display).value >= readDisplay(second.display).value ? [first, second] : [second, first];
    if (comparable(high, low)) return `${this.#contrast()({ high, low, verb: this.#verb() })}.`;
    return `${this.#join()(this.clause(first), this.innerClause(second))}.`;
  }

  /** Two or more facts of one label about different subjects, at most three of them named. */
  group(facts: readonly BriefFact[]): string {
    const named = facts.slice(0, 3);
    const label = (named[0] as BriefFact).label;
    const values = named.map(({ display }) => readDisplay(display));
    const ranked = values.every(({ kind, unit }) => kind === 'number' && unit === values[0]?.unit) && (values[0]?.value ?? 0) > (values[1]?.value ?? 0);
    const [top, ...others] = named.map(({ subject = '', display }) => ({ subject, display }));
    if (ranked && top !== undefined) return `${this.#ranking()({ label, be: wasOrWere(label), top, others })}.`;
    const verb = values[0]?.kind === 'number' ? this.#verb() : wasOrWere(label);
    return `${label} ${verb} ${enumerate(named.map(({ subject, display }) => `${display} for ${subject}`))}.`;
  }
}

const joins: readonly ((first: string, second: string) => string)[] = [
  (first, second) => `${first}, and ${second}`,
  (first, second) => `${first}; ${second}`,
  (first, second) => `${first}, while ${second}`,
];

interface Ranked {
  readonly label: string;
  readonly be: 'was' | 'were';
  readonly top: { readonly subject: string; readonly display: string };
  readonly others: readonly { readonly subject: string; readonly display: string }[];
}

const rankings: readonly ((ranked: Ranked) => string)[] = [
  ({ label, be, top, others }) =>
    `${label} ${be} highest for ${top.subject} at ${top.display}, followed by ${enumerate(others.map(({ subject, display }) => `${subject} at ${display}`))}`,
  ({ label, top, others }) =>
    `${top.subject} leads on ${lowerFirst(label)} with ${top.display}, ahead of ${enumerate(others.map(({ subject, display }) => `${subject} (${display})`))}`,
  ({ label, top, others }) =>
    `On ${lowerFirst(label)}, ${top.subject} comes first with ${top.display}, then ${enumerate(others.map(({ subject, display }) => `${subject} with ${display}`))}`,
];

interface Pair {
  readonly high: BriefFact;
  readonly low: BriefFact;
  readonly verb: string;
}

const contrasts: readonly ((pair: Pair) => string)[] = [
  ({ high, low, verb }) => `${titleOf(high)} ${verb} ${high.display}, against ${low.display} for ${lowerFirst(titleOf(low))}`,
  ({ high, low }) => `At ${high.display}, ${lowerFirst(titleOf(high))} exceeded ${lowerFirst(titleOf(low))} (${low.display})`,
  ({ high, low, verb }) => `${titleOf(low)} ${verb} ${low.display}, less than ${lowerFirst(titleOf(high))} with ${high.display}`,
];

/** Same unit, both totals or both averages, and near enough that setting one against the other says something. */
function comparable(high: BriefFact, low: BriefFact): boolean {
  const [upper, lower] = [readDisplay(high.display), readDisplay(low.display)];
  return (
    upper.kind === 'number' && lower.kind === 'number' && upper.unit !== '' && upper.unit === lower.unit &&
    upper.value > lower.value && lower.value > 0 && upper.value <= lower.value * 20 && isAverage(high) === isAverage(low)
  );
}

function isAverage({ label }: BriefFact): boolean {
  return /\b(average|mean|median|per|longest|shortest|largest|smallest)\b/i.test(label);
}
