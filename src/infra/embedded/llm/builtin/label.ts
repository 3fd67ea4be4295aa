import type { BriefFact } from './brief.ts';
import { lowerFirst } from './phrases.ts';

/** Up to the first preposition, relative pronoun or comma: `Open invoices` of `Open invoices that were due`. */
const headPattern = /^(?:(?!,|:| (?:of|in|with|without|by|per|for|to|that|which|who|from|on|at|after|before|below|among|and|not|until|there)\b).)+/;

export function isPlural(label: string): boolean {
  const head = headPattern.exec(label)?.[0] ?? label;
  return head.startsWith('People') || head.split(' ').some((word) => /[^su]s$/.test(word));
}

/** As the subject of a sentence, to begin it: `The average list price`, `Orders placed in the period`, `The sum, without tax,`. */
export function asSubject(label: string): string {
  // What explains the label would end the sentence before its verb.
  const plain = label.replace(/: (.+)$/, ' ($1)');
  const closed = plain.includes(', ') && !plain.endsWith(')') ? `${plain},` : plain;
  return /^(?:The|An?|What|How|Who|There)\b/.test(closed) || isPlural(label) || /^\p{Lu}[^ ]*\p{Lu}/u.test(closed) ? closed : `The ${lowerFirst(closed)}`;
}

/** Points back at a fact told before: `Sum of these invoices`, `Stock movements there`, `Revenue of that channel`. */
const pointsBack = /\b(?:these|those|them|there|it|concerned|that way)\b|\bthe open ones\b|\b(?:of|in|for|on|with|by|at) that \p{L}+$/u;

/**
 * The fact as it can be told without another before it, with its subject in place of what points back
 * (`Revenue of that channel` → `Revenue of web`); undefined where that cannot be done.
 */
export function standingAlone(fact: BriefFact): BriefFact | undefined {
  if (!pointsBack.test(fact.label)) return fact;
  const named = fact.subject === undefined ? fact.label : fact.label.replace(/\b(of|in|for|on|with|by|at) that \p{L}+$/u, `$1 ${fact.subject.replaceAll('$', '$$$$')}`);
  return pointsBack.test(named) ? undefined : { ...fact, label: named };
}

/** What the members of a ranking have in common: `Revenue of that channel` → `Revenue by channel`. */
export function rankingLabel(label: string): string {
  return label.replace(/\b(?:of|in|for|on|with|by|at) that (\p{L}+)$/u, 'by $1');
}
