import { isCurrency } from '../currencies.ts';
import type { TextMask } from './text-mask.ts';

/** A word that begins with a letter; one with a digit in it is an identifier: `O-10023`, `B2B`, `EUR12`. */
const anyWord = /(?<![\p{L}\p{N}_])[\p{L}_][\p{L}\p{N}_]*(?:-[\p{L}\p{N}_]+)*/gu;
const digit = /\p{N}/u;
const word = /^(?:\p{L}+\d\p{L}+|CO2)$/u;
const attachedCurrency = /^(?<code>[A-Z]{3})\d+$/u;

/** The identifiers in texts that a report may repeat. */
export function identifiersOf(texts: readonly string[]): Set<string> {
  return new Set(texts.flatMap((text) => [...text.matchAll(anyWord)].map(([name]) => name.toLowerCase()).filter((name) => digit.test(name))));
}

/** Rejects identifiers that occur in no known text; `B2B` and its like are words. */
export function judgeIdentifiers(mask: TextMask, known: ReadonlySet<string>): void {
  mask.judge(anyWord, ([name]) => {
    if (!digit.test(name)) return 'leave';
    if (known.has(name.toLowerCase()) || word.test(name)) return 'accept';
    const code = attachedCurrency.exec(name)?.groups?.['code'];
    return code !== undefined && isCurrency(code) ? 'leave' : 'reject';
  });
}
