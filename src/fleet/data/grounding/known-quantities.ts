import { decimalText, factDecimals } from '../display.ts';
import type { Fact } from '../fact.ts';
import { canonical } from './number-spelling.ts';
import { numberTokens } from './number-tokens.ts';
import type { Unit } from './units.ts';

interface Quantity {
  readonly kind: 'money' | 'percent' | 'plain';
  readonly currency?: string;
  readonly negative: boolean;
}

export interface Claim {
  readonly values: readonly string[];
  readonly sign: '+' | '-' | '';
  readonly unit: Unit;
  /** The sentence speaks of a fall, a loss or a shortfall. */
  readonly falling: () => boolean;
}

/** The numbers that a report may state: those of the facts, and those of the question it answers. */
export class KnownQuantities {
  readonly #byValue = new Map<string, Quantity[]>();
  readonly currencies = new Set<string>();

  constructor(facts: readonly Fact[], question: string) {
    for (const fact of facts) this.#addFact(fact);
    for (const token of numberTokens(question, 'single')) {
      for (const value of token.values) {
        const { unit } = token;
        if (unit.kind === 'money') for (const currency of unit.currencies) this.#add(value, { kind: 'money', currency, negative: token.sign === '-' });
        else if (unit.kind !== 'other') this.#add(value, { kind: unit.kind, negative: token.sign === '-' });
      }
    }
  }

  /** A number without a unit may be of any; one with a unit must be of that unit. */
  has({ values, sign, unit, falling }: Claim): boolean {
    return values.some((value) =>
      this.#byValue.get(value)?.some((known) => {
        if (unit.kind === 'other') return false;
        if (unit.kind === 'percent' && known.kind !== 'percent') return false;
        if (unit.kind === 'money' && !(known.kind === 'money' && unit.currencies.includes(known.currency ?? ''))) return false;
        return known.negative ? sign === '-' || (sign === '' && falling()) : sign !== '-';
      }),
    );
  }

  #addFact({ value, unit, currency }: Fact): void {
    if (typeof value === 'string') {
      // An id that is a number, such as a warehouse called 4711.
      if (/^\d+$/.test(value)) this.#add(value, { kind: 'plain', negative: false });
      return;
    }
    const decimals = factDecimals(unit, currency) ?? 0;
    const [whole = '', fraction] = decimalText(Math.abs(value), decimals).replaceAll(',', '').split('.');
    const kind = unit === 'money' || unit === 'percent' ? unit : 'plain';
    if (currency !== undefined) this.currencies.add(currency);
    this.#add(canonical(whole, fraction), { kind, negative: value < 0, ...(currency === undefined ? {} : { currency }) });
  }

  #add(value: string, quantity: Quantity): void {
    if (quantity.currency !== undefined) this.currencies.add(quantity.currency);
    const list = this.#byValue.get(value);
    if (list === undefined) this.#byValue.set(value, [quantity]);
    else list.push(quantity);
  }
}
