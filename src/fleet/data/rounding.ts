/** The quotient rounded to an integer, halves away from zero. Exact: no binary fraction on the way. */
export function divideRounded(numerator: bigint, denominator: bigint): bigint {
  const negative = numerator < 0n !== denominator < 0n;
  const [top, bottom] = [magnitude(numerator), magnitude(denominator)];
  const quotient = (2n * top + bottom) / (2n * bottom);
  return negative ? -quotient : quotient;
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}

/** `part * scale / whole` of safe integers, rounded to an integer. */
export function scaledRatio(part: number, whole: number, scale: number): number {
  return Number(divideRounded(BigInt(part) * BigInt(scale), BigInt(whole)));
}
