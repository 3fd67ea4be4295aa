/** The most that `toExponential` gives. */
const MAX_FRACTION_DIGITS = 100;
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const INFINITE = /^([+-]?)inf(?:inity)?$/i;
const HEXADECIMAL = /^([+-]?)0[xX]([0-9a-fA-F]*)(?:\.([0-9a-fA-F]*))?(?:[pP]([+-]?\d+))?$/;

/**
 * A double as C's `strtod` reads it and Redis accepts it: decimal, hexadecimal or infinite, the
 * whole text. Undefined for blanks, NaN and what over- or underflows.
 */
export function parseFloat64(text: string): number | undefined {
  if (DECIMAL.test(text)) {
    const value = Number(text);
    if (!Number.isFinite(value)) return undefined;
    return value === 0 && /[1-9]/.test(text.split(/e/i)[0] as string) ? undefined : value;
  }
  const infinite = INFINITE.exec(text);
  if (infinite !== null) return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const hexadecimal = HEXADECIMAL.exec(text);
  if (hexadecimal === null) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = hexadecimal;
  if (whole === '' && fraction === '') return undefined;
  const digits = BigInt(`0x0${whole}${fraction}`);
  const magnitude = Number(digits) * 2 ** (Number(exponent) - 4 * fraction.length);
  if (!Number.isFinite(magnitude) || (magnitude === 0 && digits !== 0n)) return undefined;
  return sign === '-' ? -magnitude : magnitude;
}

/**
 * An end of a range by score, which Redis reads with `strtod` alone: nothing at all is 0, blanks
 * may lead, a NUL byte ends it, and what overflows is infinite.
 */
export function parseScoreBound(text: string): number | undefined {
  const [significant = ''] = text.replace(/^[\t\n\v\f\r ]+/, '').split('\0');
  if (significant === '') return significant === text || text.startsWith('\0') ? 0 : undefined;
  return DECIMAL.test(significant) ? Number(significant) : parseFloat64(significant);
}

/** C's `%.<precision>g`. */
export function formatGeneral(value: number, precision: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  if (value === 0) return `${sign}0`;
  const { digits, exponent } = significantDigits(Math.abs(value), precision);
  if (exponent < -4 || exponent >= precision) {
    const exponentText = String(Math.abs(exponent)).padStart(2, '0');
    return `${sign}${trimZeros(`${digits[0]}.${digits.slice(1)}`)}e${exponent < 0 ? '-' : '+'}${exponentText}`;
  }
  if (exponent < 0) return `${sign}${trimZeros(`0.${'0'.repeat(-exponent - 1)}${digits}`)}`;
  return sign + trimZeros(`${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`);
}

/** The digits that `value` rounds to. An exact tie goes to the even digit in C, and up in `toExponential`. */
function significantDigits(value: number, precision: number): { digits: string; exponent: number } {
  const [mantissa, exponent] = splitExponential(value.toExponential(precision - 1));
  const [oneMore, itsExponent] = splitExponential(value.toExponential(precision));
  if (!oneMore.endsWith('5') || Number.parseInt(oneMore.at(-2) as string, 10) % 2 === 1) return { digits: mantissa, exponent };
  const isTie = /^0*$/.test(splitExponential(value.toExponential(MAX_FRACTION_DIGITS))[0].slice(precision + 1));
  return isTie ? { digits: oneMore.slice(0, -1), exponent: itsExponent } : { digits: mantissa, exponent };
}

function splitExponential(text: string): readonly [digits: string, exponent: number] {
  const [mantissa, exponent] = text.split('e') as [string, string];
  return [mantissa.replace('.', ''), Number(exponent)];
}

/** A score or other double in a reply: `%.17g`. */
export function formatDouble(value: number): string {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) return String(value);
  return formatGeneral(value, 17);
}

export function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0*$/, '') : text;
}
