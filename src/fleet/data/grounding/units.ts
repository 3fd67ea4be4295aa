import { isCurrency } from '../currencies.ts';

/** What a number in a text is said to be of. `other` is a unit that no fact has (‰, cents). */
export type Unit = { readonly kind: 'plain' | 'percent' | 'other' } | { readonly kind: 'money'; readonly currencies: readonly string[] };

const symbols: Readonly<Record<string, readonly string[]>> = {
  '€': ['EUR'],
  $: ['USD', 'CAD', 'AUD', 'NZD', 'SGD', 'HKD', 'MXN'],
  us$: ['USD'],
  '£': ['GBP'],
  '¥': ['JPY', 'CNY'],
  '₹': ['INR'],
  '₽': ['RUB'],
  '₺': ['TRY'],
  '₴': ['UAH'],
  '₩': ['KRW'],
  kr: ['SEK', 'NOK', 'DKK', 'ISK'],
  zł: ['PLN'],
  kč: ['CZK'],
  sfr: ['CHF'],
  euro: ['EUR'],
  dollar: ['USD', 'CAD', 'AUD', 'NZD', 'SGD', 'HKD'],
  pound: ['GBP'],
  yen: ['JPY'],
  franc: ['CHF'],
  franken: ['CHF'],
  złoty: ['PLN'],
  zloty: ['PLN'],
  krona: ['SEK', 'ISK'],
  kronor: ['SEK'],
  kroner: ['NOK', 'DKK'],
};

const words = Object.keys(symbols).filter((name) => /^\p{L}+$/u.test(name));
const signs = ['US\\$', '[€$£¥₹₽₺₴₩]'];

/** Sources of regular expressions; codes are checked by `unitOf`, since not every three capitals are a currency. */
export const currencyBefore = `(?:${signs.join('|')}|\\b[A-Z]{3}(?![\\p{L}])|\\b(?:kr|zł|sfr)\\b\\.?)`;
export const unitAfter = `(?:%|‰|${signs.join('|')}|(?:percent(?:age points?)?|per cent|pct|Prozent(?:punkte)?|pour cent|por ciento|pp|[A-Z]{3}|eur|usd|gbp|chf|(?:${words.join('|')})s?|cents?)(?![\\p{L}\\p{N}]))`;

/** The unit that a piece of text names; undefined where it names none, such as `SKU`. */
export function unitOf(text: string | undefined): Unit | undefined {
  if (text === undefined) return undefined;
  const name = text.toLowerCase().replace(/\.$/, '');
  if (name === '%' || /^(?:percent|per cent|pct|prozent|pour cent|por ciento|pp$)/.test(name)) return { kind: 'percent' };
  if (name === '‰' || /^cents?$/.test(name)) return { kind: 'other' };
  const currencies = symbols[name] ?? symbols[name.replace(/s$/, '')];
  if (currencies !== undefined) return { kind: 'money', currencies };
  return isCurrency(name.toUpperCase()) ? { kind: 'money', currencies: [name.toUpperCase()] } : undefined;
}
