const decimalsByCurrency = new Map<string, number>();
let known: ReadonlySet<string> | undefined;

/** True for an ISO 4217 code in capitals. */
export function isCurrency(code: string): boolean {
  known ??= new Set(Intl.supportedValuesOf('currency'));
  return known.has(code);
}

/** Decimals of the currency's minor unit (ISO 4217): 2 for EUR, 0 for JPY, 3 for KWD. */
export function currencyDecimals(code: string): number {
  let decimals = decimalsByCurrency.get(code);
  if (decimals === undefined) {
    decimals = new Intl.NumberFormat('en', { style: 'currency', currency: code }).resolvedOptions().maximumFractionDigits ?? 2;
    decimalsByCurrency.set(code, decimals);
  }
  return decimals;
}
