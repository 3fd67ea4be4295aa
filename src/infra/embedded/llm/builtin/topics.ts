import type { Brief, BriefFact } from './brief.ts';
import { readDisplay } from './display.ts';
import { standingAlone } from './label.ts';

/** What is said in one breath. */
export type Topic =
  | { readonly kind: 'single'; readonly facts: readonly [BriefFact] }
  /** A name and the figure that belongs to it: the channel with the highest revenue, and that revenue. */
  | { readonly kind: 'couple'; readonly facts: readonly [BriefFact, BriefFact] }
  /** One label, several subjects, the largest first where they can be ordered. */
  | { readonly kind: 'ranking'; readonly facts: readonly BriefFact[] };

/** In the order of each topic's first fact. */
export function topicsOf(facts: readonly BriefFact[]): Topic[] {
  const topics: Topic[] = [];
  const rankings = new Map<string, BriefFact[]>();
  for (const fact of facts) if (fact.subject !== undefined) rankings.set(keyOf(fact), [...(rankings.get(keyOf(fact)) ?? []), fact]);
  for (let index = 0; index < facts.length; index++) {
    const [fact, next] = [facts[index] as BriefFact, facts[index + 1]];
    const ranking = fact.subject === undefined ? undefined : rankings.get(keyOf(fact));
    if (ranking !== undefined && ranking.length > 1) {
      if (ranking[0] === fact) topics.push({ kind: 'ranking', facts: ranking.toSorted(byValue) });
    } else if (next !== undefined && next.agent === fact.agent && next.subject === fact.display && readDisplay(fact.display).kind === 'text') {
      topics.push({ kind: 'couple', facts: [fact, next] });
      index++;
    } else {
      topics.push({ kind: 'single', facts: [fact] });
    }
  }
  return topics;
}

function keyOf({ agent, label }: BriefFact): string {
  return `${agent}\n${label}`;
}

function byValue(left: BriefFact, right: BriefFact): number {
  const [a, b] = [readDisplay(left.display), readDisplay(right.display)];
  return a.kind === 'number' && b.kind === 'number' && a.unit === b.unit ? b.value - a.value : 0;
}

/** What a reader wants to know first; the weight of the heaviest word in a label counts. */
const weights: readonly (readonly [pattern: RegExp, weight: number])[] = [
  [/\b(revenue|turnover)\b/i, 8],
  [/\b(margin|profit|costs booked)\b/i, 6],
  [/\b(overdue|outstanding|unpaid|due before|charged? ?back|chargebacks?)\b/i, 5],
  [/\b(refund|return|cancel|given back)/i, 5],
  [/\b(out of stock|run out|reorder|late|delay|lost|promised)\b/i, 5],
  [/\b(fraud|risk|defect|complaint|failed)/i, 4],
  [/\borders?\b/i, 4],
  [/\b(customers?|products?|satisfaction|promoter)\b/i, 3],
  [/\b(average|share|rate)\b/i, 2],
];

/** What can be told by itself, from the weightiest down: by the words of the question, then by the table; ties keep the prompt's order. */
export function weightiest({ facts, question }: Brief): Topic[] {
  const asked = new Set(words(question));
  const weight = (fact: BriefFact): number => {
    const overlap = words(`${fact.label} ${fact.subject ?? ''} ${fact.agent}`).filter((word) => asked.has(word)).length;
    return (weights.find(([pattern]) => pattern.test(fact.label))?.[1] ?? 0) + 2 * Math.min(overlap, 3);
  };
  return topicsOf(facts)
    .filter(({ kind, facts: [first] }) => kind === 'ranking' || (first !== undefined && standingAlone(first) !== undefined))
    .map((topic, index) => ({ topic, index, weight: weight(topic.facts[0]) }))
    .sort((a, b) => b.weight - a.weight || a.index - b.index)
    .map(({ topic }) => topic);
}

/** The single facts behind `weightiest`, each worded so that it can stand alone. */
export function weightiestFacts(brief: Brief): BriefFact[] {
  return weightiest(brief).flatMap(({ facts }) => facts.flatMap((fact) => standingAlone(fact) ?? []));
}

function words(text: string): string[] {
  return (text.toLowerCase().match(/\p{L}{4,}/gu) ?? []).map((word) => word.replace(/s$/, ''));
}
