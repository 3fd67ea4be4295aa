const MAX_INT64 = 2n ** 63n - 1n;
const MIN_INT64 = -(2n ** 63n);
/** Digits (with sign) that a double holds exactly whatever they are. */
const SAFE_LENGTH = 15;

/**
 * A signed 64-bit integer as Redis reads it: no blanks, no `+`, no leading zero, no `-0`.
 * A `number` where that is exact, a `bigint` above; undefined for anything else.
 */
export function parseInteger(text: string): number | bigint | undefined {
  const length = text.length;
  if (length === 0 || length > 20) return undefined;
  let start = 0;
  if (text.charCodeAt(0) === 0x2d) {
    if (length === 1) return undefined;
    start = 1;
  }
  const first = text.charCodeAt(start);
  if (first === 0x30) return length === 1 ? 0 : undefined;
  for (let index = start; index < length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x30 || code > 0x39) return undefined;
  }
  if (length <= SAFE_LENGTH) return Number(text);
  const exact = BigInt(text);
  if (exact > MAX_INT64 || exact < MIN_INT64) return undefined;
  return narrow(exact);
}

/** As `parseInteger`, for positions and counts, where what lies above 2^53 only has to stay large. */
export function parseIndex(text: string): number | undefined {
  const value = parseInteger(text);
  return value === undefined ? undefined : Number(value);
}

/** Sum of two 64-bit integers; undefined where it leaves their range. */
export function addIntegers(left: number | bigint, right: number | bigint): number | bigint | undefined {
  if (typeof left === 'number' && typeof right === 'number') {
    const sum = left + right;
    if (Number.isSafeInteger(sum)) return sum;
  }
  const exact = BigInt(left) + BigInt(right);
  return exact > MAX_INT64 || exact < MIN_INT64 ? undefined : narrow(exact);
}

/** The integer that C's cast of a double to `long long` gives, with x86's answer for what does not fit. */
export function truncateToInteger(value: number): number | bigint {
  if (Number.isSafeInteger(value)) return value === 0 ? 0 : value;
  if (Number.isNaN(value) || value >= 2 ** 63 || value < -(2 ** 63)) return MIN_INT64;
  const whole = Math.trunc(value);
  return Number.isSafeInteger(whole) ? whole + 0 : BigInt(whole);
}

function narrow(exact: bigint): number | bigint {
  const value = Number(exact);
  return Number.isSafeInteger(value) ? value : exact;
}
