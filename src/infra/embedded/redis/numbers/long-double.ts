import { trimZeros } from './float.ts';

/*
 * INCRBYFLOAT and HINCRBYFLOAT count in x87 `long double` (64-bit mantissa) and print `%.17Lf`
 * without trailing zeros; in doubles 0.1 + 0.2 would print its rounding error. Finite values are
 * exact rationals `mantissa * 2^exponent` here. The exponent range is not limited: nothing near
 * its ends (1e4932) can be printed within Redis's buffer of 5 KB either.
 */
export interface LongDouble {
  readonly mantissa: bigint;
  readonly exponent: number;
}

const MANTISSA_BITS = 64;
const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;
/** Beyond this `strtold` reports a range error. */
const MAX_DECIMAL_EXPONENT = 4932;

/** Undefined for what Redis refuses: blanks, NaN, trailing text, out of range; infinities by name. */
export function parseLongDouble(text: string): LongDouble | 'inf' | '-inf' | undefined {
  if (/^\+?inf(inity)?$/i.test(text)) return 'inf';
  if (/^-inf(inity)?$/i.test(text)) return '-inf';
  const match = DECIMAL.exec(text);
  if (match === null) return parseHexadecimal(text);
  const [, sign, whole = '', fraction = '', exponentText = '0'] = match;
  if (whole === '' && fraction === '') return undefined;
  const digits = BigInt(whole + fraction);
  if (digits === 0n) return { mantissa: 0n, exponent: 0 };
  const power = Number(exponentText) - fraction.length;
  const magnitude = power + String(digits).length - 1;
  if (magnitude > MAX_DECIMAL_EXPONENT || magnitude < -MAX_DECIMAL_EXPONENT) return undefined;
  const signed = sign === '-' ? -digits : digits;
  return power >= 0 ? roundRatio(signed * 10n ** BigInt(power), 1n) : roundRatio(signed, 10n ** BigInt(-power));
}

export function addLongDoubles(left: LongDouble, right: LongDouble): LongDouble {
  const exponent = Math.min(left.exponent, right.exponent);
  const sum = (left.mantissa << BigInt(left.exponent - exponent)) + (right.mantissa << BigInt(right.exponent - exponent));
  return round(sum, exponent);
}

/** `%.17Lf` without trailing zeros. */
export function formatLongDouble({ mantissa, exponent }: LongDouble): string {
  const negative = mantissa < 0n;
  const magnitude = negative ? -mantissa : mantissa;
  const scaled = magnitude * 10n ** 17n;
  const digits = String(exponent >= 0 ? scaled << BigInt(exponent) : divideRounded(scaled, 1n << BigInt(-exponent))).padStart(18, '0');
  const text = trimZeros(`${digits.slice(0, -17)}.${digits.slice(-17)}`);
  return negative && text !== '0' ? `-${text}` : text;
}

function parseHexadecimal(text: string): LongDouble | undefined {
  const match = /^([+-]?)0[xX]([0-9a-fA-F]*)(?:\.([0-9a-fA-F]*))?(?:[pP]([+-]?\d{1,5}))?$/.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = '', exponentText = '0'] = match;
  if (whole === '' && fraction === '') return undefined;
  const digits = BigInt(`0x0${whole}${fraction}`);
  return round(sign === '-' ? -digits : digits, Number(exponentText) - 4 * fraction.length);
}

function roundRatio(numerator: bigint, denominator: bigint): LongDouble {
  const magnitude = numerator < 0n ? -numerator : numerator;
  const shift = Math.max(0, MANTISSA_BITS + 2 - (bitLength(magnitude) - bitLength(denominator)));
  const scaled = magnitude << BigInt(shift);
  // A set lowest bit marks an inexact quotient, so that the final rounding does not see a false tie.
  const quotient = ((scaled / denominator) << 1n) | (scaled % denominator === 0n ? 0n : 1n);
  return round(numerator < 0n ? -quotient : quotient, -shift - 1);
}

/** Rounds to the nearest 64-bit mantissa, ties to even. */
function round(value: bigint, exponent: number): LongDouble {
  const magnitude = value < 0n ? -value : value;
  const excess = bitLength(magnitude) - MANTISSA_BITS;
  if (excess <= 0) return { mantissa: value, exponent };
  const rounded = divideRounded(magnitude, 1n << BigInt(excess));
  return { mantissa: value < 0n ? -rounded : rounded, exponent: exponent + excess };
}

function divideRounded(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator;
  const twiceRest = 2n * (numerator % denominator);
  const up = twiceRest > denominator || (twiceRest === denominator && (quotient & 1n) === 1n);
  return up ? quotient + 1n : quotient;
}

function bitLength(magnitude: bigint): number {
  return magnitude === 0n ? 0 : magnitude.toString(2).length;
}
