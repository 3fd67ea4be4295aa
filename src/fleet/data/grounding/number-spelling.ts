/** Digits without a needless zero: `12.40` → `12.4`, `12.0` → `12`. */
export function canonical(whole: string, fraction = ''): string {
  const kept = fraction.replace(/0+$/, '');
  return kept === '' ? whole : `${whole}.${kept}`;
}

const groupings: readonly RegExp[] = [
  /^(?<whole>\d{1,3}(?:,\d{3})+)(?:\.(?<fraction>\d+))?$/,
  /^(?<whole>\d{1,3}(?:\.\d{3})+)(?:,(?<fraction>\d+))?$/,
  /^(?<whole>\d{1,3}(?:['’]\d{3})+)(?:[.,](?<fraction>\d+))?$/,
  /^(?<whole>\d{1,3}(?:[ \u00A0\u2009\u202F]\d{3})+)(?:[.,](?<fraction>\d+))?$/,
  /^(?<whole>\d+)(?:[.,](?<fraction>\d+))?$/,
];

/**
 * Every number that the digits can stand for: `1,234` is 1234 to an Englishman and 1.234 to a German.
 * Empty for what is no spelling of a number: `12,34,5`, `007`.
 */
export function interpretations(spelling: string): string[] {
  const found = new Set<string>();
  for (const grouping of groupings) {
    const groups = grouping.exec(spelling)?.groups;
    const whole = groups?.['whole']?.replace(/\D/g, '');
    if (whole === undefined || (whole.length > 1 && whole.startsWith('0'))) continue;
    found.add(canonical(whole, groups?.['fraction']));
  }
  return [...found];
}

/** `1.2` times 10^6 → `1200000`. */
export function shiftPoint(number: string, places: number): string {
  const [whole = '', fraction = ''] = number.split('.');
  const digits = `${whole}${fraction.padEnd(places, '0')}`;
  const point = whole.length + places;
  return canonical(digits.slice(0, point).replace(/^0+(?=\d)/, ''), digits.slice(point));
}
