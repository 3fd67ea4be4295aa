import { NOT_A_FLOAT, NOT_AN_INTEGER } from '../error-texts.ts';
import { addIntegers } from '../numbers/integer.ts';
import { addLongDoubles, formatLongDouble, parseLongDouble } from '../numbers/long-double.ts';
import { ErrorReply, type Reply } from '../protocol/reply.ts';
import { integerArgument } from './arguments.ts';
import { ONE_KEY, writeCommand, type CommandContext, type CommandSpec } from './command.ts';
import { stringAt } from './values.ts';

/** A counter's new value; throws where either is no integer or the sum leaves 64 bits. */
export function addToInteger(current: string, delta: number | bigint, notInteger = NOT_AN_INTEGER): number | bigint {
  const sum = addIntegers(integerArgument(current, notInteger), delta);
  if (sum === undefined) throw new ErrorReply('ERR increment or decrement would overflow');
  return sum;
}

/** A fractional counter's new value as text; `current` undefined for none yet. */
export function addToFloat(current: string | undefined, delta: string, notFloat = NOT_A_FLOAT, infiniteDelta?: string): string {
  const added = parseLongDouble(delta);
  if (typeof added === 'string' && infiniteDelta !== undefined) throw new ErrorReply(infiniteDelta);
  // The stored value is judged before the increment.
  const value = parseLongDouble(current ?? '0');
  if (value === undefined) throw new ErrorReply(notFloat);
  if (added === undefined) throw new ErrorReply(NOT_A_FLOAT);
  if (typeof value === 'string' || typeof added === 'string') throw new ErrorReply('ERR increment would produce NaN or Infinity');
  return formatLongDouble(addLongDoubles(value, added));
}

function increment(context: CommandContext, key: string, delta: number | bigint): Reply {
  const sum = addToInteger(stringAt(context, key) ?? '0', delta);
  context.database.replace(key, String(sum));
  return sum;
}

export const counterCommands: readonly CommandSpec[] = [
  writeCommand('incr', 2, ONE_KEY, (context, [key]) => increment(context, key, 1)),
  writeCommand('decr', 2, ONE_KEY, (context, [key]) => increment(context, key, -1)),
  writeCommand('incrby', 3, ONE_KEY, (context, [key, delta]) => increment(context, key, integerArgument(delta))),
  writeCommand('decrby', 3, ONE_KEY, (context, [key, delta]) => {
    const amount = integerArgument(delta);
    // Its negation does not fit 64 bits.
    if (amount === -(2n ** 63n)) throw new ErrorReply('ERR decrement would overflow');
    return increment(context, key, -amount);
  }),
  writeCommand('incrbyfloat', 3, ONE_KEY, (context, [key, delta]) => {
    const sum = addToFloat(stringAt(context, key), delta);
    context.database.replace(key, sum);
    return sum;
  }),
];
