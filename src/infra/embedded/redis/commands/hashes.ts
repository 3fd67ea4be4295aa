import { NOT_AN_INTEGER, SYNTAX_ERROR, wrongArity } from '../error-texts.ts';
import { ErrorReply, OK, type Reply } from '../protocol/reply.ts';
import type { HashValue } from '../values/value.ts';
import { indexArgument, integerArgument } from './arguments.ts';
import { ONE_KEY, readCommand, writeCommand, type CommandContext, type CommandSpec } from './command.ts';
import { addToFloat, addToInteger } from './counters.ts';
import { sampleDistinct, sampleRepeating } from './sampling.ts';
import { hashAt, keepContainer } from './values.ts';

function setFields(context: CommandContext, key: string, pairs: readonly string[], command: string): number {
  if (pairs.length % 2 !== 0) throw new ErrorReply(wrongArity(command));
  const hash: HashValue = hashAt(context, key) ?? new Map();
  const before = hash.size;
  for (let at = 0; at < pairs.length; at += 2) hash.set(pairs[at] as string, pairs[at + 1] as string);
  const added = hash.size - before;
  keepContainer(context, key, hash);
  return added;
}

function setField(context: CommandContext, key: string, hash: HashValue | undefined, field: string, value: string): void {
  const target = hash ?? new Map<string, string>();
  target.set(field, value);
  keepContainer(context, key, target);
}

function randomFields(context: CommandContext, key: string, countText: string, options: readonly string[]): Reply {
  const count = indexArgument(countText);
  const withValues = options[0]?.toLowerCase() === 'withvalues';
  if (options.length > 1 || (options.length === 1 && !withValues)) throw new ErrorReply(SYNTAX_ERROR);
  // Twice the count has to fit the reply's length.
  if (Math.abs(count) > (withValues ? 2 ** 62 : 2 ** 63)) throw new ErrorReply('ERR value is out of range');
  const hash = hashAt(context, key);
  if (hash === undefined) return [];
  const entries = [...hash];
  const { rng } = context.server;
  const picked = count < 0 ? sampleRepeating(rng, entries, -count) : sampleDistinct(rng, entries, count);
  return withValues ? picked.flat() : picked.map(([field]) => field);
}

export const hashCommands: readonly CommandSpec[] = [
  writeCommand('hset', -4, ONE_KEY, (context, [key, ...pairs]) => setFields(context, key, pairs, 'hset')),
  writeCommand('hmset', -4, ONE_KEY, (context, [key, ...pairs]) => {
    setFields(context, key, pairs, 'hmset');
    return OK;
  }),
  writeCommand('hsetnx', 4, ONE_KEY, (context, [key, field, value]) => {
    const hash = hashAt(context, key);
    if (hash?.has(field) === true) return 0;
    setField(context, key, hash, field, value);
    return 1;
  }),
  readCommand('hget', 3, ONE_KEY, (context, [key, field]) => hashAt(context, key)?.get(field) ?? null),
  readCommand('hmget', -3, ONE_KEY, (context, [key, ...fields]) => {
    const hash = hashAt(context, key);
    return fields.map((field) => hash?.get(field) ?? null);
  }),
  readCommand('hgetall', 2, ONE_KEY, (context, [key]) => [...(hashAt(context, key) ?? [])].flat()),
  readCommand('hkeys', 2, ONE_KEY, (context, [key]) => [...(hashAt(context, key)?.keys() ?? [])]),
  readCommand('hvals', 2, ONE_KEY, (context, [key]) => [...(hashAt(context, key)?.values() ?? [])]),
  readCommand('hlen', 2, ONE_KEY, (context, [key]) => hashAt(context, key)?.size ?? 0),
  readCommand('hexists', 3, ONE_KEY, (context, [key, field]) => (hashAt(context, key)?.has(field) === true ? 1 : 0)),
  readCommand('hstrlen', 3, ONE_KEY, (context, [key, field]) => hashAt(context, key)?.get(field)?.length ?? 0),
  writeCommand('hdel', -3, ONE_KEY, (context, [key, ...fields]) => {
    const hash = hashAt(context, key);
    if (hash === undefined) return 0;
    const removed = fields.filter((field) => hash.delete(field)).length;
    if (removed > 0) keepContainer(context, key, hash);
    return removed;
  }),
  writeCommand('hincrby', 4, ONE_KEY, (context, [key, field, deltaText]) => {
    const delta = integerArgument(deltaText, NOT_AN_INTEGER);
    const hash = hashAt(context, key);
    const sum = addToInteger(hash?.get(field) ?? '0', delta, 'ERR hash value is not an integer');
    setField(context, key, hash, field, String(sum));
    return sum;
  }),
  writeCommand('hincrbyfloat', 4, ONE_KEY, (context, [key, field, delta]) => {
    // Judged before the key is looked at, unlike INCRBYFLOAT's.
    addToFloat(undefined, delta, undefined, 'ERR value is NaN or Infinity');
    const hash = hashAt(context, key);
    const sum = addToFloat(hash?.get(field), delta, 'ERR hash value is not a float');
    setField(context, key, hash, field, sum);
    return sum;
  }),
  readCommand('hrandfield', -2, ONE_KEY, (context, args) => {
    const [key, count, ...options] = args;
    if (args.length > 1) return randomFields(context, key, count, options);
    const hash = hashAt(context, key);
    return hash === undefined ? null : context.server.rng.pick([...hash.keys()]);
  }),
];
