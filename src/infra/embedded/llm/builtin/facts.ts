import type { BriefFact, Brief } from './brief.ts';
import { readDisplay } from './fact-text.ts';

/** What a reader wants to know first; the weight of the heaviest word in a fact's label counts. */
const weights: readonly (readonly [pattern: RegExp, weight: number])[] = [
  [/\b(revenue|turnover|sales)\b/i, 7],
  [/\b(margin|profit|result)\b/i, 6],
  [/\b(overdue|outstanding|unpaid|failed|chargebacks?)\b/i, 5],
  [/\b(refund|return|cancel)/i, 5],
  [/\b(out of stock|stock-?outs?|late|delay)/i, 5],
  [/\b(fraud|risk|defect|complaint)/i, 4],
  [/\borders?\b/i, 4],
  [/\b(customers?|products?|on[- ]time)\b/i, 3],
  [/\b(average|share|rate)\b/i, 2],
];

/** Facts from the weightiest down: by the words of the question, then by the table; ties keep the prompt's order. */
export function byWeight({ facts, question }: Brief): BriefFact[] {
  const asked = new Set(words(question));
  const weight = (fact: BriefFact): number => {
    const overlap = words(`${fact.label} ${fact.subject ?? ''} ${fact.agent}`).filter((word) => asked.has(word)).length;
    const own = weights.find(([pattern]) => pattern.test(fact.label))?.[1] ?? 0;
    return own + 2 * Math.min(overlap, 3) - (readDisplay(fact.display).kind === 'number' ? 0 : 2);
  };
  return facts
    .map((fact, index) => ({ fact, index, weight: weight(fact) }))
    .sort((a, b) => b.weight - a.weight || a.index - b.index)
    .map(({ fact }) => fact);
}

function words(text: string): string[] {
  return (text.toLowerCase().match(/\p{L}{4,}/gu) ?? []).map((word) => word.replace(/s$/, ''));
}

/** Facts of one label about different subjects, the largest first where they can be ordered. */
export interface FactGroup {
  readonly agent: string;
  /** One where the fact stands alone. */
  readonly facts: readonly BriefFact[];
}

/** Keeps the order of first appearance. */
export function groupByLabel(facts: readonly BriefFact[]): FactGroup[] {
  const groups = new Map<string, BriefFact[]>();
  for (const fact of facts) {
    const key = fact.subject === undefined ? fact.id : `${fact.agent}\n${fact.label}`;
    groups.set(key, [...(groups.get(key) ?? []), fact]);
  }
  return [...groups.values()].map((members) => ({ agent: (members[0] as BriefFact).agent, facts: members.toSorted(byValue) }));
}

function byValue(left: BriefFact, right: BriefFact): number {
  const [a, b] = [readDisplay(left.display), readDisplay(right.display)];
  return a.kind === 'number' && b.kind === 'number' && a.unit === b.unit ? b.value - a.value : 0;
}
