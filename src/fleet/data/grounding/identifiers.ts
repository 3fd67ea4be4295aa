import { isCurrency } from '../currencies.ts';
import type { TextMask } from './text-mask.ts';

/** A word with a digit in it that begins with a letter: `O-10023`, `B2B`, `EUR12`. */
const identifier = /(?<![\p{L}\p{N}_])[\p{L}_](?=[\p{L}\p{N}_-]*\p{N})[\p{L}\p{N}_]*(?:-[\p{L}\p{N}_]+)*/gu;
const word = /^(?:\p{L}+\d\p{L}+|CO2)$/u;
const attachedCurrency = /^(?<code>[A-Z]{3})\d+$/u;

/** The identifiers in texts that a report may repeat. */
export function identifiersOf(texts: readonly string[]): Set<string> {
  return new Set(texts.flatMap((text) => [...text.matchAll(identifier)].map(([name]) => name.toLowerCase())));
}

/** Rejects identifiers that occur in no known text; `B2B` and its like are words. */
export function judgeIdentifiers(mask: TextMask, known: ReadonlySet<string>): void {
  mask.judge(identifier, ([name]) => {
    if (known.has(name.toLowerCase()) || word.test(name)) return 'accept';
    const code = attachedCurrency.exec(name)?.groups?.['code'];
    return code !== undefined && isCurrency(code) ? 'leave' : 'reject';
  });
}
