import { NOT_POSITIVE, SYNTAX_ERROR } from '../error-texts.ts';
import { formatDouble } from '../numbers/float.ts';
import { ErrorReply, NULL_ARRAY, type Reply } from '../protocol/reply.ts';
import { SortedSet, type ScoredMember } from '../values/sorted-set.ts';
import { floatArgument, indexArgument, rangedArgument } from './arguments.ts';
import { blockingCommand, KEYS_THEN_TIMEOUT, NO_KEYS, ONE_KEY, readCommand, writeCommand, type Arguments, type CommandContext, type CommandSpec } from './command.ts';
import { blockUntil, popCount, timeoutArgument } from './list-moves.ts';
import { sampleDistinct, sampleRepeating } from './sampling.ts';
import { keepContainer, sortedSetAt } from './values.ts';

interface AddFlags {
  nx: boolean;
  xx: boolean;
  gt: boolean;
  lt: boolean;
  ch: boolean;
  incr: boolean;
}

/** Which score a member gets; undefined where the flags leave it as it is. */
function scoreToSet(flags: AddFlags, current: number | undefined, given: number): number | undefined {
  if (current === undefined) return flags.xx ? undefined : given;
  if (flags.nx) return undefined;
  const score = flags.incr ? current + given : given;
  if (Number.isNaN(score)) throw new ErrorReply('ERR resulting score is not a number (NaN)');
  if ((flags.gt && score <= current) || (flags.lt && score >= current)) return undefined;
  return score;
}

/** ZINCRBY is ZADD with INCR: it takes the other flags too, in place of what they stand for. */
function add(context: CommandContext, [key, ...rest]: Arguments, incr: boolean): Reply {
  const flags: AddFlags = { nx: false, xx: false, gt: false, lt: false, ch: false, incr };
  let at = 0;
  for (; at < rest.length; at++) {
    const name = (rest[at] as string).toLowerCase();
    if (!Object.hasOwn(flags, name)) break;
    flags[name as keyof AddFlags] = true;
  }
  const pairs = rest.slice(at);
  if (pairs.length === 0 || pairs.length % 2 !== 0) throw new ErrorReply(SYNTAX_ERROR);
  if (flags.nx && flags.xx) throw new ErrorReply('ERR XX and NX options at the same time are not compatible');
  if ((flags.gt && flags.nx) || (flags.lt && flags.nx) || (flags.gt && flags.lt)) {
    throw new ErrorReply('ERR GT, LT, and/or NX options at the same time are not compatible');
  }
  if (flags.incr && pairs.length > 2) throw new ErrorReply('ERR INCR option supports a single increment-element pair');
  const scores = pairs.filter((_, index) => index % 2 === 0).map((text) => floatArgument(text));
  return addScores(context, key, flags, scores, pairs);
}

function addScores(context: CommandContext, key: string, flags: AddFlags, scores: readonly number[], pairs: readonly string[]): Reply {
  const existing = sortedSetAt(context, key);
  if (existing === undefined && flags.xx) return flags.incr ? null : 0;
  const sortedSet = existing ?? new SortedSet();
  let added = 0;
  let updated = 0;
  let result: number | undefined;
  for (const [index, given] of scores.entries()) {
    const member = pairs[index * 2 + 1] as string;
    const current = sortedSet.score(member);
    const score = scoreToSet(flags, current, given);
    if (score === undefined) continue;
    result = score;
    if (current === undefined) added++;
    else if (current !== score) updated++;
    sortedSet.set(member, score);
  }
  if (added + updated > 0) keepContainer(context, key, sortedSet);
  if (flags.incr) return result === undefined ? null : formatDouble(result);
  return flags.ch ? added + updated : added;
}

export function withScores(members: readonly ScoredMember[]): string[] {
  return members.flatMap(({ member, score }) => [member, formatDouble(score)]);
}

/** Takes up to `count` from one end of a set that exists. */
function takeExtreme(context: CommandContext, key: string, sortedSet: SortedSet, lowest: boolean, count: number): ScoredMember[] {
  const { size } = sortedSet;
  const taken = lowest
    ? sortedSet.removeRange(0, Math.min(count, size))
    : sortedSet.removeRange(Math.max(0, size - count), size).toReversed();
  if (taken.length > 0) keepContainer(context, key, sortedSet);
  return taken;
}

function popping(name: string, lowest: boolean): CommandSpec {
  return writeCommand(name, -2, ONE_KEY, (context, args) => {
    const [key, countText] = args;
    if (args.length > 2) throw new ErrorReply(SYNTAX_ERROR);
    const count = args.length > 1 ? rangedArgument(countText, 0, Number.POSITIVE_INFINITY, NOT_POSITIVE) : 1;
    const sortedSet = sortedSetAt(context, key);
    return sortedSet === undefined ? [] : withScores(takeExtreme(context, key, sortedSet, lowest, count));
  });
}

function blockingPop(name: string, lowest: boolean): CommandSpec {
  return blockingCommand(name, -3, KEYS_THEN_TIMEOUT, (context, args) => {
    const keys = args.slice(0, -1);
    const attempt = (filled: readonly string[]): Reply | undefined => {
      for (const key of filled) {
        const sortedSet = sortedSetAt(context, key);
        if (sortedSet !== undefined) return [key, ...withScores(takeExtreme(context, key, sortedSet, lowest, 1))];
      }
      return undefined;
    };
    return blockUntil(context, { keys, kind: 'zset', timeoutMs: timeoutArgument(args.at(-1) as string) }, attempt);
  });
}

function ranking(name: string, reverse: boolean): CommandSpec {
  return readCommand(name, 3, ONE_KEY, (context, [key, member]) => {
    const sortedSet = sortedSetAt(context, key);
    const rank = sortedSet?.rank(member);
    if (sortedSet === undefined || rank === undefined) return null;
    return reverse ? sortedSet.size - 1 - rank : rank;
  });
}

function multiPop(context: CommandContext, args: readonly string[]): Reply {
  const numKeys = rangedArgument(args[0] as string, 1, Number.POSITIVE_INFINITY, 'ERR numkeys should be greater than 0');
  const side = args[numKeys + 1]?.toLowerCase();
  if (side !== 'min' && side !== 'max') throw new ErrorReply(SYNTAX_ERROR);
  const count = popCount(args.slice(numKeys + 2));
  for (const key of args.slice(1, numKeys + 1)) {
    const sortedSet = sortedSetAt(context, key);
    if (sortedSet === undefined) continue;
    const taken = takeExtreme(context, key, sortedSet, side === 'min', count);
    return [key, taken.map(({ member, score }) => [member, formatDouble(score)])];
  }
  return NULL_ARRAY;
}

function randomMembers(context: CommandContext, args: Arguments): Reply {
  const [key, countText, option] = args;
  const { rng } = context.server;
  if (args.length === 1) {
    const sortedSet = sortedSetAt(context, key);
    return sortedSet === undefined ? null : rng.pick(sortedSet.members()).member;
  }
  const count = indexArgument(countText);
  const scored = args.length > 2 && option.toLowerCase() === 'withscores';
  if (args.length > 3 || (args.length === 3 && !scored)) throw new ErrorReply(SYNTAX_ERROR);
  const members = sortedSetAt(context, key)?.members() ?? [];
  if (members.length === 0) return [];
  const picked = count < 0 ? sampleRepeating(rng, members, -count) : sampleDistinct(rng, members, count);
  return scored ? withScores(picked) : picked.map(({ member }) => member);
}

export const sortedSetCommands: readonly CommandSpec[] = [
  writeCommand('zadd', -4, ONE_KEY, (context, args) => add(context, args, false)),
  writeCommand('zincrby', 4, ONE_KEY, (context, args) => add(context, args, true)),
  writeCommand('zrem', -3, ONE_KEY, (context, [key, ...members]) => {
    const sortedSet = sortedSetAt(context, key);
    if (sortedSet === undefined) return 0;
    const removed = members.filter((member) => sortedSet.delete(member)).length;
    if (removed > 0) keepContainer(context, key, sortedSet);
    return removed;
  }),
  readCommand('zscore', 3, ONE_KEY, (context, [key, member]) => {
    const score = sortedSetAt(context, key)?.score(member);
    return score === undefined ? null : formatDouble(score);
  }),
  readCommand('zmscore', -3, ONE_KEY, (context, [key, ...members]) => {
    const sortedSet = sortedSetAt(context, key);
    return members.map((member) => {
      const score = sortedSet?.score(member);
      return score === undefined ? null : formatDouble(score);
    });
  }),
  readCommand('zcard', 2, ONE_KEY, (context, [key]) => sortedSetAt(context, key)?.size ?? 0),
  ranking('zrank', false),
  ranking('zrevrank', true),
  popping('zpopmin', true),
  popping('zpopmax', false),
  blockingPop('bzpopmin', true),
  blockingPop('bzpopmax', false),
  { ...writeCommand('zmpop', -4, NO_KEYS, multiPop), numKeysAt: 1 },
  readCommand('zrandmember', -2, ONE_KEY, randomMembers),
];

