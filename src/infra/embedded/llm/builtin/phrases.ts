import type { Rng } from '../../../../core/rng.ts';
import type { Brief } from './brief.ts';

/** Draws phrases without repeating one before all have been used; starts over reshuffled. */
export function deck<T>(rng: Rng, phrases: readonly T[]): () => T {
  let rest: T[] = [];
  return () => {
    if (rest.length === 0) rest = shuffled(rng, phrases);
    return rest.pop() as T;
  };
}

function shuffled<T>(rng: Rng, items: readonly T[]): T[] {
  const result = [...items];
  for (let index = result.length - 1; index > 0; index--) {
    const other = rng.integer(0, index);
    [result[index], result[other]] = [result[other] as T, result[index] as T];
  }
  return result;
}

/** `a`, `a and b`, `a, b and c`. */
export function enumerate(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

export function capitalize(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** For the middle of a sentence. A first word like `SKUs`, `VAT` or `eBay` keeps its case. */
export function lowerFirst(text: string): string {
  return /^\p{Lu}\p{Ll}*(?!\p{L})/u.test(text) ? text.slice(0, 1).toLowerCase() + text.slice(1) : text;
}

/** What an agent's figures are about, where that is not its name. */
const topics: ReadonlyMap<string, string> = new Map([
  ['order', 'orders'],
  ['product', 'products'],
  ['payment', 'payments'],
  ['transport', 'transport'],
  ['documents', 'documents'],
  ['inventory', 'stock'],
  ['warehouse', 'the warehouses'],
  ['customer', 'customers'],
  ['marketplace', 'the marketplaces'],
  ['aftersales', 'after-sales service'],
  ['quality', 'quality'],
  ['backoffice', 'the back office'],
  ['knowledge', 'the knowledge base'],
  ['fraud', 'fraud'],
  ['risk', 'risk'],
]);

export function topicOf(agent: string): string {
  return topics.get(agent) ?? agent.replaceAll(/[_-]+/g, ' ');
}

/** ` from … to …`, or nothing where the prompt named no period. */
export function periodText({ period }: Brief, form: 'from' | 'between' = 'from'): string {
  if (period === undefined) return '';
  return form === 'from' ? ` from ${period.from} to ${period.to}` : ` between ${period.from} and ${period.to}`;
}

/** Sentences that say what is not covered; nothing where nothing is missing. */
export function missingText(missing: readonly string[], rng: Rng): string | undefined {
  if (missing.length === 0) return undefined;
  const listed = enumerate(missing.map(plainMissing));
  return rng.pick([
    `Not everything could be looked at: there is no data on ${listed}, and nothing here should be read as covering it.`,
    `What is missing: ${listed}. The text above makes no statement about that.`,
    `There was no data on ${listed}; it is left out rather than guessed at.`,
    `Left open for lack of data: ${listed}.`,
  ]);
}

/** `payments: table absent` → `payments (table absent)`; a reason with a figure is dropped, since that is no fact. */
function plainMissing(line: string): string {
  const colon = line.indexOf(':');
  const what = (colon === -1 ? line : line.slice(0, colon)).trim();
  const why = colon === -1 ? '' : line.slice(colon + 1).trim().replace(/\.$/, '');
  return why === '' || /\d/.test(why) ? what.replaceAll(/\d+/g, '').trim() : `${what.replaceAll(/\d+/g, '').trim()} (${why})`;
}

/** First sentence of an answer to a prompt that holds no facts and asks for no section. */
export const looseSentence = [
  'This model writes reports from the facts that it is given.',
  'Answers here are composed from facts in the prompt and from nothing else.',
  'Without facts in the prompt there is little to say.',
] as const;
