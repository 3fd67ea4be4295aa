import { SYNTAX_ERROR } from '../error-texts.ts';
import { parseScoreBound } from '../numbers/float.ts';
import { ErrorReply, type Reply } from '../protocol/reply.ts';
import { SortedSet, type LexRange, type ScoredMember, type ScoreRange } from '../values/sorted-set.ts';
import { clampRange, indexArgument } from './arguments.ts';
import { ONE_KEY, readCommand, TWO_KEYS, writeCommand, type Arguments, type CommandContext, type CommandSpec } from './command.ts';
import { withScores } from './sorted-sets.ts';
import { keepContainer, sortedSetAt, storeResult } from './values.ts';

type By = 'rank' | 'score' | 'lex';
type Bounds = { readonly by: 'rank'; start: number; stop: number } | ({ readonly by: 'score' } & ScoreRange) | ({ readonly by: 'lex' } & LexRange);

interface RangeQuery {
  by: By;
  reverse: boolean;
  scored: boolean;
  offset: number;
  /** Negative for all. */
  count: number;
}

const NOT_A_SCORE_RANGE = 'ERR min or max is not a float';
const NOT_A_LEX_RANGE = 'ERR min or max not valid string range item';

function scoreBound(text: string): readonly [value: number, exclusive: boolean] {
  const exclusive = text.startsWith('(');
  const value = parseScoreBound(exclusive ? text.slice(1) : text);
  if (value === undefined) throw new ErrorReply(NOT_A_SCORE_RANGE);
  return [value, exclusive];
}

export function scoreRange(minText: string, maxText: string): ScoreRange {
  const [min, minExclusive] = scoreBound(minText);
  const [max, maxExclusive] = scoreBound(maxText);
  return { min, max, minExclusive, maxExclusive };
}

interface LexBound {
  readonly value: string | undefined;
  readonly exclusive: boolean;
  readonly infinite: '-' | '+' | undefined;
}

function lexBound(text: string): LexBound {
  if (text === '-' || text === '+') return { value: undefined, exclusive: false, infinite: text };
  if (text[0] !== '(' && text[0] !== '[') throw new ErrorReply(NOT_A_LEX_RANGE);
  return { value: text.slice(1), exclusive: text[0] === '(', infinite: undefined };
}

function lexRange(minText: string, maxText: string): LexRange {
  const min = lexBound(minText);
  const max = lexBound(maxText);
  return {
    min: min.value,
    max: max.value,
    minExclusive: min.exclusive,
    maxExclusive: max.exclusive,
    empty: min.infinite === '+' || max.infinite === '-',
  };
}

function boundsOf(by: By, first: string, second: string, reverse: boolean): Bounds {
  if (by === 'rank') return { by, start: indexArgument(first), stop: indexArgument(second) };
  const [min, max] = reverse ? [second, first] : [first, second];
  return by === 'score' ? { by, ...scoreRange(min, max) } : { by, ...lexRange(min, max) };
}

function positions(sortedSet: SortedSet, bounds: Bounds): readonly [number, number] {
  if (bounds.by === 'score') return sortedSet.positionsByScore(bounds);
  if (bounds.by === 'lex') return sortedSet.positionsByLex(bounds);
  return clampRange(bounds.start, bounds.stop, sortedSet.size);
}

/** What a range holds, in the order asked for, after offset and count. */
function select(sortedSet: SortedSet, bounds: Bounds, { reverse, offset, count }: RangeQuery): ScoredMember[] {
  let [first, end] = positions(sortedSet, bounds);
  // Ranks are counted from the highest score where the order is reversed.
  if (bounds.by === 'rank' && reverse) [first, end] = [sortedSet.size - end, sortedSet.size - first];
  const members = sortedSet.slice(first, Math.max(first, end));
  if (reverse) members.reverse();
  if (offset < 0) return [];
  return members.slice(offset, count < 0 ? undefined : offset + count);
}

function limitArguments(wanted: RangeQuery, offset: string | undefined, count: string | undefined): void {
  if (offset === undefined || count === undefined) throw new ErrorReply(SYNTAX_ERROR);
  wanted.offset = indexArgument(offset);
  wanted.count = indexArgument(count);
}

/** Options after the bounds; `allowed` are those of the command besides LIMIT. */
function readOptions(wanted: RangeQuery, options: readonly string[], allowed: readonly string[]): void {
  let limited = false;
  let by: By | undefined;
  for (let at = 0; at < options.length; at++) {
    const option = (options[at] as string).toLowerCase();
    if (option === 'limit') {
      limitArguments(wanted, options[at + 1], options[at + 2]);
      limited = true;
      at += 2;
    } else if (option === 'withscores' && allowed.includes(option)) {
      wanted.scored = true;
    } else if (option === 'rev' && allowed.includes(option) && !wanted.reverse) {
      wanted.reverse = true;
    } else if ((option === 'byscore' || option === 'bylex') && allowed.includes(option) && by === undefined) {
      by = option === 'byscore' ? 'score' : 'lex';
    } else {
      throw new ErrorReply(SYNTAX_ERROR);
    }
  }
  if (by !== undefined) wanted.by = by;
  if (limited && wanted.by === 'rank' && wanted.count !== -1) {
    throw new ErrorReply('ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX');
  }
  if (wanted.scored && wanted.by === 'lex') throw new ErrorReply('ERR syntax error, WITHSCORES not supported in combination with BYLEX');
}

function query(by: By, reverse: boolean): RangeQuery {
  return { by, reverse, scored: false, offset: 0, count: -1 };
}

function run(context: CommandContext, [key, first, second, ...options]: Arguments, wanted: RangeQuery, allowed: readonly string[]): Reply {
  readOptions(wanted, options, allowed);
  const bounds = boundsOf(wanted.by, first, second, wanted.reverse);
  const sortedSet = sortedSetAt(context, key);
  if (sortedSet === undefined) return [];
  const members = select(sortedSet, bounds, wanted);
  return wanted.scored ? withScores(members) : members.map(({ member }) => member);
}

function counting(name: string, by: 'score' | 'lex'): CommandSpec {
  return readCommand(name, 4, ONE_KEY, (context, [key, min, max]) => {
    const bounds = boundsOf(by, min, max, false);
    const sortedSet = sortedSetAt(context, key);
    if (sortedSet === undefined) return 0;
    const [first, end] = positions(sortedSet, bounds);
    return Math.max(0, end - first);
  });
}

function removing(name: string, by: By): CommandSpec {
  return writeCommand(name, 4, ONE_KEY, (context, [key, min, max]) => {
    const bounds = boundsOf(by, min, max, false);
    const sortedSet = sortedSetAt(context, key);
    if (sortedSet === undefined) return 0;
    const [first, end] = positions(sortedSet, bounds);
    const removed = sortedSet.removeRange(first, Math.max(first, end)).length;
    if (removed > 0) keepContainer(context, key, sortedSet);
    return removed;
  });
}

export const sortedSetRangeCommands: readonly CommandSpec[] = [
  readCommand('zrange', -4, ONE_KEY, (context, args) => run(context, args, query('rank', false), ['byscore', 'bylex', 'rev', 'withscores'])),
  readCommand('zrevrange', -4, ONE_KEY, (context, args) => run(context, args, query('rank', true), ['withscores'])),
  readCommand('zrangebyscore', -4, ONE_KEY, (context, args) => run(context, args, query('score', false), ['withscores'])),
  readCommand('zrevrangebyscore', -4, ONE_KEY, (context, args) => run(context, args, query('score', true), ['withscores'])),
  readCommand('zrangebylex', -4, ONE_KEY, (context, args) => run(context, args, query('lex', false), ['withscores'])),
  readCommand('zrevrangebylex', -4, ONE_KEY, (context, args) => run(context, args, query('lex', true), ['withscores'])),
  writeCommand('zrangestore', -5, TWO_KEYS, (context, [target, key, first, second, ...options]) => {
    const wanted = query('rank', false);
    readOptions(wanted, options, ['byscore', 'bylex', 'rev']);
    const bounds = boundsOf(wanted.by, first, second, wanted.reverse);
    const source = sortedSetAt(context, key);
    const result = new SortedSet();
    for (const { member, score } of source === undefined ? [] : select(source, bounds, wanted)) result.set(member, score);
    storeResult(context, target, result);
    return result.size;
  }),
  counting('zcount', 'score'),
  counting('zlexcount', 'lex'),
  removing('zremrangebyrank', 'rank'),
  removing('zremrangebyscore', 'score'),
  removing('zremrangebylex', 'lex'),
];
