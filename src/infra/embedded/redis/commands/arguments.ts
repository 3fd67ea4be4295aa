import { NOT_AN_INTEGER, NOT_A_FLOAT } from '../error-texts.ts';
import { parseFloat64 } from '../numbers/float.ts';
import { parseIndex, parseInteger } from '../numbers/integer.ts';
import { ErrorReply } from '../protocol/reply.ts';

/* Arguments as values; each throws the error reply that Redis gives. */

export function integerArgument(text: string, error = NOT_AN_INTEGER): number | bigint {
  const value = parseInteger(text);
  if (value === undefined) throw new ErrorReply(error);
  return value;
}

/** A position or count; above 2^53 only its size is right. */
export function indexArgument(text: string, error = NOT_AN_INTEGER): number {
  const value = parseIndex(text);
  if (value === undefined) throw new ErrorReply(error);
  return value;
}

/** An integer within bounds. */
export function rangedArgument(text: string, min: number, max: number, error: string): number {
  const value = indexArgument(text, error);
  if (value < min || value > max) throw new ErrorReply(error);
  return value;
}

/** A 32-bit integer, as database numbers are. */
export function int32Argument(text: string): number {
  const value = indexArgument(text);
  if (value < -(2 ** 31) || value >= 2 ** 31) {
    throw new ErrorReply(`ERR value is out of range, value must between ${-(2 ** 31)} and ${2 ** 31 - 1}`);
  }
  return value;
}

export function floatArgument(text: string, error = NOT_A_FLOAT): number {
  const value = parseFloat64(text);
  if (value === undefined) throw new ErrorReply(error);
  return value;
}

/** Start and end (excluded) of a range given by two positions that may count from the end. */
export function clampRange(start: number, stop: number, length: number): readonly [number, number] {
  const first = Math.max(0, start < 0 ? start + length : start);
  const last = Math.min(length - 1, stop < 0 ? stop + length : stop);
  return first > last ? [0, 0] : [first, last + 1];
}

