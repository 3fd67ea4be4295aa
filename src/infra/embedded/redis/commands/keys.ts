import { NO_SUCH_KEY, SYNTAX_ERROR } from '../error-texts.ts';
import { ErrorReply, OK, Status } from '../protocol/reply.ts';
import { cloneValue, typeName } from '../values/value.ts';
import { int32Argument } from './arguments.ts';
import { ALL_KEYS, NO_KEYS, ONE_KEY, readCommand, TWO_KEYS, writeCommand, type Arguments, type CommandContext, type CommandSpec } from './command.ts';

const DB_OUT_OF_RANGE = 'ERR DB index is out of range';

function remove(context: CommandContext, keys: Arguments): number {
  return keys.filter((key) => context.database.delete(key)).length;
}

function countExisting(context: CommandContext, keys: Arguments): number {
  return keys.filter((key) => context.database.has(key)).length;
}

function rename(context: CommandContext, from: string, to: string, onlyNew: boolean): boolean {
  const { database } = context;
  const entry = database.get(from);
  if (entry === undefined) throw new ErrorReply(NO_SUCH_KEY);
  if (from === to) return !onlyNew;
  if (onlyNew && database.has(to)) return false;
  const { value, expiresAtMs } = entry;
  database.delete(from);
  // Deleted first: a key that takes another's place must not keep its position in a scan.
  database.delete(to);
  database.set(to, value, expiresAtMs);
  return true;
}

export const keyCommands: readonly CommandSpec[] = [
  writeCommand('del', -2, ALL_KEYS, remove),
  writeCommand('unlink', -2, ALL_KEYS, remove),
  readCommand('exists', -2, ALL_KEYS, countExisting),
  readCommand('touch', -2, ALL_KEYS, countExisting),
  readCommand('type', 2, ONE_KEY, (context, [key]) => {
    const value = context.database.value(key);
    return new Status(value === undefined ? 'none' : typeName(value));
  }),
  writeCommand('rename', 3, TWO_KEYS, (context, [from, to]) => {
    rename(context, from, to, false);
    return OK;
  }),
  writeCommand('renamenx', 3, TWO_KEYS, (context, [from, to]) => (rename(context, from, to, true) ? 1 : 0)),
  readCommand('keys', 2, NO_KEYS, (context, [pattern]) => context.database.keys(pattern)),
  readCommand('randomkey', 1, NO_KEYS, (context) => {
    const keys = context.database.keys('*');
    return keys.length === 0 ? null : context.server.rng.pick(keys);
  }),
  readCommand('dbsize', 1, NO_KEYS, (context) => context.database.size),
  writeCommand('copy', -3, TWO_KEYS, (context, [from, to, ...options]) => {
    let target = context.database;
    let replace = false;
    for (let at = 0; at < options.length; at++) {
      const option = (options[at] as string).toLowerCase();
      const next = options[at + 1];
      if (option === 'replace') {
        replace = true;
      } else if (option === 'db' && next !== undefined) {
        const index = int32Argument(next);
        const database = context.server.database(index);
        if (database === undefined) throw new ErrorReply(DB_OUT_OF_RANGE);
        target = database;
        at++;
      } else {
        throw new ErrorReply(SYNTAX_ERROR);
      }
    }
    if (target === context.database && from === to) throw new ErrorReply('ERR source and destination objects are the same');
    const entry = context.database.get(from);
    if (entry === undefined) return 0;
    if (target.has(to) && !replace) return 0;
    target.delete(to);
    target.set(to, cloneValue(entry.value), entry.expiresAtMs);
    return 1;
  }),
  writeCommand('move', 3, ONE_KEY, (context, [key, indexText]) => {
    const target = context.server.database(int32Argument(indexText));
    if (target === undefined) throw new ErrorReply(DB_OUT_OF_RANGE);
    if (target === context.database) throw new ErrorReply('ERR source and destination objects are the same');
    const entry = context.database.get(key);
    if (entry === undefined || target.has(key)) return 0;
    const { value, expiresAtMs } = entry;
    context.database.delete(key);
    target.set(key, value, expiresAtMs);
    return 1;
  }),
];

