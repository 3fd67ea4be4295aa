import { SYNTAX_ERROR } from '../error-texts.ts';
import { parseLongDouble } from '../numbers/long-double.ts';
import { ErrorReply, NO_REPLY, NULL_ARRAY, type Reply } from '../protocol/reply.ts';
import type { BlockedCommand } from '../session.ts';
import { ListValue } from '../values/list.ts';
import { rangedArgument } from './arguments.ts';
import { blockingCommand, KEYS_THEN_TIMEOUT, NO_KEYS, TWO_KEYS, writeCommand, type Arguments, type CommandContext, type CommandSpec } from './command.ts';
import { push, take, type ListEnd } from './lists.ts';
import { keepContainer, listAt } from './values.ts';

const MAX_TIMEOUT_MS = Number.MAX_SAFE_INTEGER;

/** Seconds with a fraction, as blocking commands take them, in milliseconds; 0 waits for ever. */
export function timeoutArgument(text: string): number {
  const parsed = parseLongDouble(text);
  if (parsed === undefined) throw new ErrorReply('ERR timeout is not a float or out of range');
  const milliseconds = typeof parsed === 'string' ? Number.POSITIVE_INFINITY : Number(parsed.mantissa) * 2 ** parsed.exponent * 1000;
  // What does not fit 64 bits wraps around to a negative number there.
  if (milliseconds < 0 || milliseconds >= 2 ** 63) throw new ErrorReply('ERR timeout is negative');
  if (milliseconds > MAX_TIMEOUT_MS) throw new ErrorReply('ERR timeout is out of range');
  return Math.ceil(milliseconds);
}

interface Wait {
  readonly keys: readonly string[];
  readonly kind: BlockedCommand['kind'];
  readonly timeoutMs: number;
}

/**
 * Runs `attempt` now and, where it has nothing to give yet, again whenever one of `keys` is filled.
 * `notBlockingReply` is for transactions and scripts; a wait that ends in vain gives a null array.
 */
export function blockUntil(
  context: CommandContext,
  { keys, kind, timeoutMs }: Wait,
  attempt: BlockedCommand['attempt'],
  notBlockingReply: Reply = NULL_ARRAY,
): Reply {
  const reply = attempt(keys);
  if (reply !== undefined) return reply;
  if (!context.session.mayBlock) return notBlockingReply;
  context.server.blocked.block(context.session, { keys, kind, attempt, emptyReply: NULL_ARRAY }, timeoutMs);
  return NO_REPLY;
}

export function endArgument(text: string): ListEnd {
  const end = text.toLowerCase();
  if (end !== 'left' && end !== 'right') throw new ErrorReply(SYNTAX_ERROR);
  return end;
}

/** Undefined where the source is empty. */
function move(context: CommandContext, from: string, to: string, fromEnd: ListEnd, toEnd: ListEnd): string | undefined {
  const source = listAt(context, from);
  if (source === undefined) return undefined;
  const target = listAt(context, to) ?? new ListValue();
  const item = fromEnd === 'left' ? source.popLeft() : source.popRight();
  if (item === undefined) return undefined;
  // Filled before the source is put back: moving within a list of one must not take its key away.
  push(target, toEnd, item);
  if (source !== target) keepContainer(context, from, source);
  keepContainer(context, to, target);
  return item;
}

function takeFirst(context: CommandContext, keys: readonly string[], end: ListEnd): Reply | undefined {
  for (const key of keys) {
    const list = listAt(context, key);
    if (list !== undefined) return [key, ...take(context, key, list, end, 1)];
  }
  return undefined;
}

function blockingPop(name: string, end: ListEnd): CommandSpec {
  return blockingCommand(name, -3, KEYS_THEN_TIMEOUT, (context, args) => {
    const keys = args.slice(0, -1);
    const timeoutMs = timeoutArgument(args.at(-1) as string);
    return blockUntil(context, { keys, kind: 'list', timeoutMs }, (filled) => takeFirst(context, filled, end));
  });
}

interface MultiPop {
  readonly keys: readonly string[];
  readonly end: ListEnd;
  readonly count: number;
}

/** `numkeys key… LEFT|RIGHT [COUNT n]` */
function multiPopArguments(args: readonly string[]): MultiPop {
  const numKeys = rangedArgument(args[0] as string, 1, Number.POSITIVE_INFINITY, 'ERR numkeys should be greater than 0');
  const whereText = args[numKeys + 1];
  if (whereText === undefined) throw new ErrorReply(SYNTAX_ERROR);
  const end = endArgument(whereText);
  return { keys: args.slice(1, numKeys + 1), end, count: popCount(args.slice(numKeys + 2)) };
}

/** `[COUNT n]` at the end of LMPOP and ZMPOP. */
export function popCount([option, value, ...surplus]: readonly string[]): number {
  if (option === undefined) return 1;
  if (option.toLowerCase() !== 'count' || value === undefined) throw new ErrorReply(SYNTAX_ERROR);
  const count = rangedArgument(value, 1, Number.POSITIVE_INFINITY, 'ERR count should be greater than 0');
  if (surplus.length > 0) throw new ErrorReply(SYNTAX_ERROR);
  return count;
}

function takeSeveral(context: CommandContext, { keys, end, count }: MultiPop): Reply | undefined {
  for (const key of keys) {
    const list = listAt(context, key);
    if (list !== undefined) return [key, take(context, key, list, end, count)];
  }
  return undefined;
}

function blockingMultiPop(context: CommandContext, [timeout, ...rest]: Arguments): Reply {
  const timeoutMs = timeoutArgument(timeout);
  const wanted = multiPopArguments(rest);
  return blockUntil(context, { keys: wanted.keys, kind: 'list', timeoutMs }, (keys) => takeSeveral(context, { ...wanted, keys }));
}

export const listMoveCommands: readonly CommandSpec[] = [
  writeCommand('rpoplpush', 3, TWO_KEYS, (context, [from, to]) => move(context, from, to, 'right', 'left') ?? null),
  writeCommand('lmove', 5, TWO_KEYS, (context, [from, to, fromEnd, toEnd]) =>
    move(context, from, to, endArgument(fromEnd), endArgument(toEnd)) ?? null,
  ),
  { ...writeCommand('lmpop', -4, NO_KEYS, (context, args) => takeSeveral(context, multiPopArguments(args)) ?? NULL_ARRAY), numKeysAt: 1 },
  blockingPop('blpop', 'left'),
  blockingPop('brpop', 'right'),
  blockingCommand('brpoplpush', 4, TWO_KEYS, (context, [from, to, timeout]) =>
    blockUntil(context, { keys: [from], kind: 'list', timeoutMs: timeoutArgument(timeout) }, () => move(context, from, to, 'right', 'left'), null),
  ),
  blockingCommand('blmove', 6, TWO_KEYS, (context, args) => {
    const [from, to, fromText, toText, timeout] = args as unknown as readonly [string, string, string, string, string];
    const fromEnd = endArgument(fromText);
    const toEnd = endArgument(toText);
    return blockUntil(context, { keys: [from], kind: 'list', timeoutMs: timeoutArgument(timeout) }, () => move(context, from, to, fromEnd, toEnd), null);
  }),
  // Allowed in scripts, unlike its kin; it does not wait there.
  { ...blockingCommand('blmpop', -5, NO_KEYS, blockingMultiPop), flags: ['write', 'blocking'], numKeysAt: 2 },
];

