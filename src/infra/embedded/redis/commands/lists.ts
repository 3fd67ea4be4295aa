import { NO_SUCH_KEY, NOT_POSITIVE, OUT_OF_RANGE, SYNTAX_ERROR, wrongArity } from '../error-texts.ts';
import { ErrorReply, NULL_ARRAY, OK, type Reply } from '../protocol/reply.ts';
import { ListValue } from '../values/list.ts';
import { clampRange, indexArgument, rangedArgument } from './arguments.ts';
import { ONE_KEY, readCommand, writeCommand, type Arguments, type CommandContext, type CommandSpec } from './command.ts';
import { keepContainer, listAt } from './values.ts';

export type ListEnd = 'left' | 'right';

function pushing(name: string, end: ListEnd, onlyExisting: boolean): CommandSpec {
  return writeCommand(name, -3, ONE_KEY, (context, [key, ...items]) => {
    const existing = listAt(context, key);
    if (existing === undefined && onlyExisting) return 0;
    const list = existing ?? new ListValue();
    for (const item of items) push(list, end, item);
    keepContainer(context, key, list);
    return list.length;
  });
}

export function push(list: ListValue, end: ListEnd, item: string): void {
  if (end === 'left') list.pushLeft(item);
  else list.pushRight(item);
}

/** Takes up to `count` elements from one end of a list that exists. */
export function take(context: CommandContext, key: string, list: ListValue, end: ListEnd, count: number): string[] {
  const taken: string[] = [];
  while (taken.length < count) {
    const item = end === 'left' ? list.popLeft() : list.popRight();
    if (item === undefined) break;
    taken.push(item);
  }
  if (taken.length > 0) keepContainer(context, key, list);
  return taken;
}

function popping(name: string, end: ListEnd): CommandSpec {
  return writeCommand(name, -2, ONE_KEY, (context, args): Reply => {
    const [key, countText] = args;
    if (args.length > 2) throw new ErrorReply(wrongArity(name));
    const hasCount = args.length === 2;
    const count = hasCount ? rangedArgument(countText, 0, Number.POSITIVE_INFINITY, NOT_POSITIVE) : 1;
    const list = listAt(context, key);
    if (list === undefined) return hasCount ? NULL_ARRAY : null;
    const taken = take(context, key, list, end, count);
    return hasCount ? taken : (taken[0] as string);
  });
}

function insert(context: CommandContext, [key, where, pivot, item]: Arguments): Reply {
  const side = where.toLowerCase();
  if (side !== 'before' && side !== 'after') throw new ErrorReply(SYNTAX_ERROR);
  const list = listAt(context, key);
  if (list === undefined) return 0;
  const items = list.slice();
  const at = items.indexOf(pivot);
  if (at < 0) return -1;
  list.assign(items.toSpliced(side === 'before' ? at : at + 1, 0, item));
  keepContainer(context, key, list);
  return list.length;
}

/** LREM: from the head for a positive count, from the tail for a negative one, all for 0. */
function removeItems(context: CommandContext, [key, countText, item]: Arguments): Reply {
  const count = indexArgument(countText);
  const list = listAt(context, key);
  if (list === undefined) return 0;
  let left = count === 0 ? Number.POSITIVE_INFINITY : Math.abs(count);
  const keep = (candidate: string): boolean => candidate !== item || left-- <= 0;
  const items = list.slice();
  const kept = count < 0 ? items.toReversed().filter(keep).toReversed() : items.filter(keep);
  if (kept.length === items.length) return 0;
  list.assign(kept);
  keepContainer(context, key, list);
  return items.length - kept.length;
}

function positions(context: CommandContext, [key, item, ...options]: Arguments): Reply {
  let rank = 1;
  let count: number | undefined;
  let maxCompared = Number.POSITIVE_INFINITY;
  for (let at = 0; at < options.length; at += 2) {
    const option = (options[at] as string).toLowerCase();
    const value = options[at + 1];
    if (value === undefined) throw new ErrorReply(SYNTAX_ERROR);
    if (option === 'rank') {
      rank = indexArgument(value);
      if (rank === 0) {
        throw new ErrorReply(
          "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list",
        );
      }
    } else if (option === 'count') {
      count = rangedArgument(value, 0, Number.POSITIVE_INFINITY, "ERR COUNT can't be negative");
    } else if (option === 'maxlen') {
      maxCompared = rangedArgument(value, 0, Number.POSITIVE_INFINITY, "ERR MAXLEN can't be negative") || Number.POSITIVE_INFINITY;
    } else {
      throw new ErrorReply(SYNTAX_ERROR);
    }
  }
  const list = listAt(context, key);
  if (list === undefined) return count === undefined ? null : [];
  const wanted = count === undefined ? 1 : count || Number.POSITIVE_INFINITY;
  const found: number[] = [];
  let toSkip = Math.abs(rank) - 1;
  for (let step = 0; step < Math.min(list.length, maxCompared) && found.length < wanted; step++) {
    const at = rank > 0 ? step : list.length - 1 - step;
    if (list.at(at) === item && toSkip-- <= 0) found.push(at);
  }
  return count === undefined ? (found[0] ?? null) : found;
}

export const listCommands: readonly CommandSpec[] = [
  pushing('lpush', 'left', false),
  pushing('rpush', 'right', false),
  pushing('lpushx', 'left', true),
  pushing('rpushx', 'right', true),
  popping('lpop', 'left'),
  popping('rpop', 'right'),
  readCommand('llen', 2, ONE_KEY, (context, [key]) => listAt(context, key)?.length ?? 0),
  readCommand('lrange', 4, ONE_KEY, (context, [key, startText, stopText]) => {
    const start = indexArgument(startText);
    const stop = indexArgument(stopText);
    const list = listAt(context, key);
    return list === undefined ? [] : list.slice(...clampRange(start, stop, list.length));
  }),
  readCommand('lindex', 3, ONE_KEY, (context, [key, indexText]) => {
    const list = listAt(context, key);
    if (list === undefined) return null;
    const index = indexArgument(indexText);
    return list.at(index < 0 ? index + list.length : index) ?? null;
  }),
  writeCommand('lset', 4, ONE_KEY, (context, [key, indexText, item]) => {
    const list = listAt(context, key);
    if (list === undefined) throw new ErrorReply(NO_SUCH_KEY);
    const given = indexArgument(indexText);
    const index = given < 0 ? given + list.length : given;
    if (list.at(index) === undefined) throw new ErrorReply(OUT_OF_RANGE);
    list.set(index, item);
    keepContainer(context, key, list);
    return OK;
  }),
  writeCommand('linsert', 5, ONE_KEY, insert),
  writeCommand('lrem', 4, ONE_KEY, removeItems),
  writeCommand('ltrim', 4, ONE_KEY, (context, [key, startText, stopText]) => {
    const start = indexArgument(startText);
    const stop = indexArgument(stopText);
    const list = listAt(context, key);
    if (list === undefined) return OK;
    list.assign(list.slice(...clampRange(start, stop, list.length)));
    keepContainer(context, key, list);
    return OK;
  }),
  readCommand('lpos', -3, ONE_KEY, positions),
];
