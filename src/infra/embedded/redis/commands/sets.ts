import { NOT_POSITIVE, SYNTAX_ERROR } from '../error-texts.ts';
import { ErrorReply, type Reply } from '../protocol/reply.ts';
import type { SetValue } from '../values/value.ts';
import { indexArgument, rangedArgument } from './arguments.ts';
import { ALL_KEYS, NO_KEYS, ONE_KEY, readCommand, TWO_KEYS, writeCommand, type Arguments, type CommandContext, type CommandSpec } from './command.ts';
import { sampleDistinct, sampleRepeating } from './sampling.ts';
import { keepContainer, setAt, storeResult } from './values.ts';

type Combine = (sets: readonly (SetValue | undefined)[]) => SetValue;

const union: Combine = (sets) => new Set(sets.flatMap((set) => [...(set ?? [])]));
const difference: Combine = ([first, ...others]) => new Set([...(first ?? [])].filter((member) => !others.some((other) => other?.has(member))));
const intersection: Combine = ([first, ...others]) =>
  new Set([...(first ?? [])].filter((member) => others.every((other) => other?.has(member) === true)));

/** Every key is looked at first, so that a wrong type anywhere is an error whatever the rest gives. */
function combine(context: CommandContext, keys: readonly string[], how: Combine): SetValue {
  return how(keys.map((key) => setAt(context, key)));
}

function combining(name: string, how: Combine): CommandSpec[] {
  return [
    readCommand(name, -2, ALL_KEYS, (context, keys) => [...combine(context, keys, how)]),
    writeCommand(`${name}store`, -3, ALL_KEYS, (context, [target, ...keys]) => {
      const result = combine(context, keys, how);
      storeResult(context, target, result);
      return result.size;
    }),
  ];
}

function pop(context: CommandContext, key: string, countText: string | undefined, surplus: number): Reply {
  if (surplus > 0) throw new ErrorReply(SYNTAX_ERROR);
  const count = countText === undefined ? 1 : rangedArgument(countText, 0, Number.POSITIVE_INFINITY, NOT_POSITIVE);
  const set = setAt(context, key);
  if (set === undefined) return countText === undefined ? null : [];
  const popped = sampleDistinct(context.server.rng, [...set], count);
  for (const member of popped) set.delete(member);
  if (popped.length > 0) keepContainer(context, key, set);
  return countText === undefined ? (popped[0] as string) : popped;
}

function randomMembers(context: CommandContext, key: string, countText: string | undefined, surplus: number): Reply {
  if (surplus > 0) throw new ErrorReply(SYNTAX_ERROR);
  const { rng } = context.server;
  if (countText === undefined) {
    const set = setAt(context, key);
    return set === undefined ? null : rng.pick([...set]);
  }
  const count = indexArgument(countText);
  const members = [...(setAt(context, key) ?? [])];
  if (members.length === 0) return [];
  return count < 0 ? sampleRepeating(rng, members, -count) : sampleDistinct(rng, members, count);
}

function countIntersection(context: CommandContext, [countText, ...rest]: Arguments): Reply {
  const count = rangedArgument(countText, 1, Number.POSITIVE_INFINITY, 'ERR numkeys should be greater than 0');
  if (count > rest.length) throw new ErrorReply("ERR Number of keys can't be greater than number of args");
  const options = rest.slice(count);
  let limit = 0;
  for (let at = 0; at < options.length; at += 2) {
    const value = options[at + 1];
    if ((options[at] as string).toLowerCase() !== 'limit' || value === undefined) throw new ErrorReply(SYNTAX_ERROR);
    limit = rangedArgument(value, 0, Number.POSITIVE_INFINITY, "ERR LIMIT can't be negative");
  }
  const { size } = combine(context, rest.slice(0, count), intersection);
  return limit === 0 ? size : Math.min(size, limit);
}

export const setCommands: readonly CommandSpec[] = [
  writeCommand('sadd', -3, ONE_KEY, (context, [key, ...members]) => {
    const set: SetValue = setAt(context, key) ?? new Set();
    const before = set.size;
    for (const member of members) set.add(member);
    const added = set.size - before;
    if (added > 0) keepContainer(context, key, set);
    return added;
  }),
  writeCommand('srem', -3, ONE_KEY, (context, [key, ...members]) => {
    const set = setAt(context, key);
    if (set === undefined) return 0;
    const removed = members.filter((member) => set.delete(member)).length;
    if (removed > 0) keepContainer(context, key, set);
    return removed;
  }),
  readCommand('smembers', 2, ONE_KEY, (context, [key]) => [...(setAt(context, key) ?? [])]),
  readCommand('scard', 2, ONE_KEY, (context, [key]) => setAt(context, key)?.size ?? 0),
  readCommand('sismember', 3, ONE_KEY, (context, [key, member]) => (setAt(context, key)?.has(member) === true ? 1 : 0)),
  readCommand('smismember', -3, ONE_KEY, (context, [key, ...members]) => {
    const set = setAt(context, key);
    return members.map((member) => (set?.has(member) === true ? 1 : 0));
  }),
  writeCommand('spop', -2, ONE_KEY, (context, args) => pop(context, args[0], args.length > 1 ? args[1] : undefined, args.length - 2)),
  readCommand('srandmember', -2, ONE_KEY, (context, args) => randomMembers(context, args[0], args.length > 1 ? args[1] : undefined, args.length - 2)),
  writeCommand('smove', 4, TWO_KEYS, (context, [from, to, member]) => {
    const source = context.database.has(from) ? setAt(context, from) : undefined;
    if (source === undefined) return 0;
    const target: SetValue = setAt(context, to) ?? new Set();
    if (source === target) return source.has(member) ? 1 : 0;
    if (!source.delete(member)) return 0;
    keepContainer(context, from, source);
    const isNew = !target.has(member);
    target.add(member);
    if (isNew) keepContainer(context, to, target);
    return 1;
  }),
  ...combining('sunion', union),
  ...combining('sinter', intersection),
  ...combining('sdiff', difference),
  { ...readCommand('sintercard', -3, NO_KEYS, countIntersection), numKeysAt: 1 },
];
