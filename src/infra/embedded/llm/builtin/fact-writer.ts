import type { Rng } from '../../../../core/rng.ts';
import type { BriefFact } from './brief.ts';
import { readDisplay } from './display.ts';
import { asSubject, isPlural, rankingLabel, standingAlone } from './label.ts';
import { deck, enumerate, lowerFirst } from './phrases.ts';
import type { Topic } from './topics.ts';

/** Largest number of members of a ranking that a sentence names. */
const RANKED = 3;

function titleOf(fact: BriefFact): string {
  return fact.subject === undefined || fact.label.includes(fact.subject) ? fact.label : `${fact.label} (${fact.subject})`;
}

/** One line of a list: `Revenue (Amazon): 1,234.56 EUR`. */
export function lineOf(fact: BriefFact): string {
  return `${titleOf(standingAlone(fact) ?? fact)}: ${fact.display}`;
}

/** Says facts in sentences; verbs and patterns come from a deck each, so that neighbours differ. */
export class FactWriter {
  readonly #verb: () => string;
  readonly #thereWere: () => boolean;
  readonly #subjectFirst: () => boolean;
  readonly #join: () => (first: string, second: string) => string;
  readonly #ranking: () => (ranked: Ranked) => string;
  readonly #contrast: () => (pair: Pair) => string;

  constructor(rng: Rng) {
    this.#verb = deck(rng.fork('verb'), ['came to', 'stood at', 'amounted to']);
    this.#thereWere = deck(rng.fork('there'), [true, true, false]);
    this.#subjectFirst = deck(rng.fork('subject'), [true, false]);
    this.#join = deck(rng.fork('join'), joins);
    this.#ranking = deck(rng.fork('ranking'), rankings);
    this.#contrast = deck(rng.fork('contrast'), contrasts);
  }

  /** At most `limit` sentences, and what they left untold. Single facts go by twos, the first one alone where their number is odd. */
  tell(topics: readonly Topic[], limit = Number.POSITIVE_INFINITY): { readonly text: string; readonly left: BriefFact[] } {
    const sentences: string[] = [];
    const left: BriefFact[] = [];
    for (let index = 0; index < topics.length; index++) {
      const [topic, next] = [topics[index] as Topic, topics[index + 1]];
      if (sentences.length === limit) {
        left.push(...topic.facts);
      } else if (topic.kind === 'ranking') {
        sentences.push(this.#rankingSentence(topic.facts));
        left.push(...topic.facts.slice(RANKED));
      } else if (topic.kind === 'couple') {
        const [name, figure] = topic.facts;
        sentences.push(`${this.clause(name)}; ${lowerFirst(asSubject(figure.label))} ${this.#predicate(figure)}.`);
      } else if (next?.kind === 'single' && (index > 0 || topics.length % 2 === 0)) {
        sentences.push(this.#pair(topic.facts[0], next.facts[0]));
        index++;
      } else {
        sentences.push(`${this.clause(topic.facts[0])}.`);
      }
    }
    return { text: sentences.join(' '), left };
  }

  /** `The revenue came to 1,234.56 EUR`, to begin a sentence; no full stop. */
  clause(fact: BriefFact): string {
    const { kind, value, unit } = readDisplay(fact.display);
    const foreign = fact.subject !== undefined && !fact.label.includes(fact.subject);
    if (!foreign && kind === 'number' && unit === '' && value !== 1 && isPlural(fact.label) && this.#thereWere()) {
      return `There were ${fact.display} ${lowerFirst(fact.label)}`;
    }
    if (foreign && this.#subjectFirst()) return `For ${fact.subject}, ${lowerFirst(asSubject(fact.label))} ${this.#predicate(fact)}`;
    return `${foreign ? titleOf(fact) : asSubject(fact.label)} ${this.#predicate(fact)}`;
  }

  #predicate({ label, display }: BriefFact): string {
    const { kind } = readDisplay(display);
    if (kind === 'number') return `${this.#verb()} ${display}`;
    // Words that are no name would run on into the sentence.
    const quoted = kind === 'text' && /^\p{Ll}.* /u.test(display) ? `“${display}”` : display;
    return `${isPlural(label) ? 'were' : 'was'} ${quoted}`;
  }

  /** Two facts in one sentence: as a contrast where they share a unit and compare sensibly, else side by side, in their order. */
  #pair(first: BriefFact, second: BriefFact): string {
    const [high, low] = readDisplay(first.display).value >= readDisplay(second.display).value ? [first, second] : [second, first];
    if (comparable(high, low)) return `${this.#contrast()({ high, low, verb: this.#verb() })}.`;
    return `${this.#join()(this.clause(first), lowerFirst(this.clause(second)))}.`;
  }

  #rankingSentence(facts: readonly BriefFact[]): string {
    const named = facts.slice(0, RANKED);
    const label = rankingLabel((named[0] as BriefFact).label);
    const values = named.map(({ display }) => readDisplay(display));
    const ordered = values.every(({ kind, unit }) => kind === 'number' && unit === values[0]?.unit) && (values[0]?.value ?? 0) > (values[1]?.value ?? 0);
    const [top, ...others] = named.map(({ subject = '', display }) => ({ subject, display }));
    if (ordered && top !== undefined) return `${this.#ranking()({ label, top, others })}.`;
    const verb = values[0]?.kind === 'number' ? this.#verb() : isPlural(label) ? 'were' : 'was';
    return `${asSubject(label)} ${verb} ${enumerate(named.map(({ subject, display }) => `${display} for ${subject}`))}.`;
  }
}

const joins: readonly ((first: string, second: string) => string)[] = [
  (first, second) => `${first}, and ${second}`,
  (first, second) => `${first}; ${second}`,
  (first, second) => `${first}, while ${second}`,
];

interface Ranked {
  readonly label: string;
  readonly top: { readonly subject: string; readonly display: string };
  readonly others: readonly { readonly subject: string; readonly display: string }[];
}

const rankings: readonly ((ranked: Ranked) => string)[] = [
  ({ label, top, others }) =>
    `${asSubject(label)} ${isPlural(label) ? 'were' : 'was'} highest for ${top.subject} at ${top.display}, followed by ${enumerate(others.map(({ subject, display }) => `${subject} at ${display}`))}`,
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
  ({ high, low, verb }) => `${asSubject(titleOf(high))} ${verb} ${high.display}, against ${low.display} for ${lowerFirst(asSubject(titleOf(low))).replace(/,$/, '')}`,
  ({ high, low }) => `At ${high.display}, ${lowerFirst(asSubject(titleOf(high)))} exceeded ${lowerFirst(asSubject(titleOf(low))).replace(/,$/, '')} (${low.display})`,
  ({ high, low, verb }) => `${asSubject(titleOf(low))} ${verb} ${low.display}, less than ${lowerFirst(asSubject(titleOf(high))).replace(/,$/, '')} with ${high.display}`,
];

/** Same unit, both totals or both averages, told out of order without loss, and near enough that setting one against the other says something. */
function comparable(high: BriefFact, low: BriefFact): boolean {
  const [upper, lower] = [readDisplay(high.display), readDisplay(low.display)];
  const sameKind = upper.kind === 'number' && lower.kind === 'number' && upper.unit !== '' && upper.unit === lower.unit && isAverage(high) === isAverage(low);
  const inReach = upper.value > lower.value && lower.value > 0 && upper.value <= lower.value * 20;
  return sameKind && inReach && standingAlone(high) === high && standingAlone(low) === low;
}

function isAverage({ label }: BriefFact): boolean {
  return /\b(average|mean|median|per|longest|shortest|largest|smallest)\b/i.test(label);
}
