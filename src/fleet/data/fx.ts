import { currencyDecimals } from './currencies.ts';
import { divideRounded } from './rounding.ts';

/** A rate is kept as an integer: euros for one unit of the currency, times 10^8. */
export const RATE_DECIMALS = 8;

/**
 * Euro cents for an amount in minor units of another currency. The one place where an amount is
 * converted: each amount by itself, rounded to the cent, halves away from zero; totals are sums of
 * such cents, never conversions of sums.
 */
export function toEuroCents(amountMinor: number, currency: string, scaledRate: number): number {
  const numerator = BigInt(amountMinor) * BigInt(scaledRate) * 100n;
  const denominator = 10n ** BigInt(currencyDecimals(currency) + RATE_DECIMALS);
  return Number(divideRounded(numerator, denominator));
}

interface Rate {
  readonly validOn: string;
  readonly scaled: number;
}

/** Rates by currency and day. A rate holds from its day until the currency's next one. */
export class FxTable {
  readonly #rates = new Map<string, Rate[]>();
  #sorted = true;

  add(currency: string, validOn: string, scaled: number): void {
    const rates = this.#rates.get(currency);
    if (rates === undefined) this.#rates.set(currency, [{ validOn, scaled }]);
    else rates.push({ validOn, scaled });
    this.#sorted = false;
  }

  /** Null where no rate is known for that day: such an amount is left out of totals in euros, and said to be. */
  euroCents(amountMinor: number, currency: string, day: string | null): number | null {
    if (currency === 'EUR') return amountMinor;
    if (day === null) return null;
    if (!this.#sorted) {
      for (const rates of this.#rates.values()) rates.sort((a, b) => (a.validOn < b.validOn ? 1 : a.validOn > b.validOn ? -1 : 0));
      this.#sorted = true;
    }
    const rate = this.#rates.get(currency)?.find((one) => one.validOn <= day);
    return rate === undefined ? null : toEuroCents(amountMinor, currency, rate.scaled);
  }
}
