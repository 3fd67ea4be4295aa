import { NOT_AN_INTEGER, SYNTAX_ERROR, TOO_LARGE, WRONG_TYPE, wrongArity } from '../error-texts.ts';
import { ErrorReply, OK, type Reply } from '../protocol/reply.ts';
import { MAX_BULK_BYTES } from '../protocol/request-parser.ts';
import { clampRange, indexArgument } from './arguments.ts';
import {
  ALL_KEYS,
  KEY_VALUE_PAIRS,
  ONE_KEY,
  readCommand,
  writeCommand,
  type Arguments,
  type CommandContext,
  type CommandSpec,
} from './command.ts';
import { expiryArgument, type TimeArgument } from './expiry.ts';
import { stringAt } from './values.ts';

const TIME_OPTIONS: Readonly<Record<string, TimeArgument>> = {
  ex: { unit: 'seconds', absolute: false },
  px: { unit: 'milliseconds', absolute: false },
  exat: { unit: 'seconds', absolute: true },
  pxat: { unit: 'milliseconds', absolute: true },
};

interface SetOptions {
  condition: 'nx' | 'xx' | undefined;
  get: boolean;
  keepTtl: boolean;
  persist: boolean;
  time: { readonly kind: TimeArgument; readonly value: string } | undefined;
}

function fail(): never {
  throw new ErrorReply(SYNTAX_ERROR);
}

/** Options of SET, or (with `forGetEx`) of GETEX; any pair that excludes each other is a syntax error. */
function setOptions(options: readonly string[], forGetEx: boolean): SetOptions {
  const result: SetOptions = { condition: undefined, get: false, keepTtl: false, persist: false, time: undefined };
  for (let at = 0; at < options.length; at++) {
    const option = (options[at] as string).toLowerCase();
    const kind = TIME_OPTIONS[option];
    if ((option === 'nx' || option === 'xx') && !forGetEx) {
      if (result.condition !== undefined && result.condition !== option) fail();
      result.condition = option;
    } else if (option === 'get' && !forGetEx) {
      result.get = true;
    } else if (option === 'keepttl' && !forGetEx) {
      if (result.time !== undefined) fail();
      result.keepTtl = true;
    } else if (option === 'persist' && forGetEx) {
      if (result.time !== undefined) fail();
      result.persist = true;
    } else if (kind !== undefined && Object.hasOwn(TIME_OPTIONS, option) && at + 1 < options.length) {
      // The same option again takes the later value; two different ones exclude each other.
      if (result.keepTtl || result.persist || (result.time !== undefined && result.time.kind !== kind)) fail();
      result.time = { kind, value: options[++at] as string };
    } else {
      fail();
    }
  }
  return result;
}

function set(context: CommandContext, [key, value, ...options]: Arguments): Reply {
  if (options.length === 0) {
    context.database.set(key, value);
    return OK;
  }
  const { condition, get, keepTtl, time } = setOptions(options, false);
  const expiresAtMs = time && expiryArgument(context, time.value, time.kind, 'set', true);
  const before = get ? (stringAt(context, key) ?? null) : OK;
  const exists = context.database.has(key);
  if ((condition === 'nx' && exists) || (condition === 'xx' && !exists)) return get ? before : null;
  if (keepTtl) context.database.replace(key, value);
  else context.database.set(key, value, expiresAtMs);
  return before;
}

function setWithTime(name: string, kind: TimeArgument): CommandSpec {
  return writeCommand(name, 4, ONE_KEY, (context, [key, time, value]) => {
    context.database.set(key, value, expiryArgument(context, time, kind, name, true));
    return OK;
  });
}

function setPairs(context: CommandContext, pairs: readonly string[], command: string, onlyNew: boolean): boolean {
  if (pairs.length % 2 !== 0) throw new ErrorReply(wrongArity(command));
  if (onlyNew && pairs.some((key, at) => at % 2 === 0 && context.database.has(key))) return false;
  for (let at = 0; at < pairs.length; at += 2) context.database.set(pairs[at] as string, pairs[at + 1] as string);
  return true;
}

function range(context: CommandContext, [key, startText, stopText]: Arguments): Reply {
  const start = indexArgument(startText);
  const stop = indexArgument(stopText);
  const value = stringAt(context, key) ?? '';
  if (start < 0 && stop < 0 && start > stop) return '';
  const [first, end] = clampRange(start, Math.max(stop, -value.length), value.length);
  return value.slice(first, end);
}

export const stringCommands: readonly CommandSpec[] = [
  readCommand('get', 2, ONE_KEY, (context, [key]) => stringAt(context, key) ?? null),
  writeCommand('set', -3, ONE_KEY, set),
  writeCommand('setnx', 3, ONE_KEY, (context, [key, value]) => {
    if (context.database.has(key)) return 0;
    context.database.set(key, value);
    return 1;
  }),
  setWithTime('setex', { unit: 'seconds', absolute: false }),
  setWithTime('psetex', { unit: 'milliseconds', absolute: false }),
  writeCommand('getset', 3, ONE_KEY, (context, [key, value]) => {
    const before = stringAt(context, key) ?? null;
    context.database.set(key, value);
    return before;
  }),
  writeCommand('getdel', 2, ONE_KEY, (context, [key]) => {
    const value = stringAt(context, key) ?? null;
    context.database.delete(key);
    return value;
  }),
  writeCommand('getex', -2, ONE_KEY, (context, [key, ...options]) => {
    const { persist, time } = setOptions(options, true);
    const value = stringAt(context, key);
    if (value === undefined) return null;
    const expiresAtMs = time && expiryArgument(context, time.value, time.kind, 'getex', true);
    if (expiresAtMs !== undefined && expiresAtMs <= context.nowMs) context.database.delete(key);
    else if (expiresAtMs !== undefined) context.database.setExpiry(key, expiresAtMs);
    else if (persist && context.database.get(key)?.expiresAtMs !== Number.POSITIVE_INFINITY) {
      context.database.setExpiry(key, Number.POSITIVE_INFINITY);
    }
    return value;
  }),
  readCommand('mget', -2, ALL_KEYS, (context, keys) =>
    keys.map((key) => {
      const value = context.database.value(key);
      return typeof value === 'string' ? value : null;
    }),
  ),
  writeCommand('mset', -3, KEY_VALUE_PAIRS, (context, pairs) => {
    setPairs(context, pairs, 'mset', false);
    return OK;
  }),
  writeCommand('msetnx', -3, KEY_VALUE_PAIRS, (context, pairs) => (setPairs(context, pairs, 'msetnx', true) ? 1 : 0)),
  readCommand('strlen', 2, ONE_KEY, (context, [key]) => (stringAt(context, key) ?? '').length),
  readCommand('getrange', 4, ONE_KEY, range),
  readCommand('substr', 4, ONE_KEY, range),
  writeCommand('append', 3, ONE_KEY, (context, [key, suffix]) => {
    const before = stringAt(context, key) ?? '';
    if (before.length + suffix.length > MAX_BULK_BYTES) throw new ErrorReply(TOO_LARGE);
    context.database.replace(key, before + suffix);
    return before.length + suffix.length;
  }),
  writeCommand('setrange', 4, ONE_KEY, (context, [key, offsetText, patch]) => {
    const offset = indexArgument(offsetText, NOT_AN_INTEGER);
    if (offset < 0) throw new ErrorReply('ERR offset is out of range');
    const value = context.database.value(key);
    if (value !== undefined && typeof value !== 'string') throw new ErrorReply(WRONG_TYPE);
    const before = value ?? '';
    if (patch === '') return before.length;
    if (offset + patch.length > MAX_BULK_BYTES) throw new ErrorReply(TOO_LARGE);
    const patched = before.slice(0, offset).padEnd(offset, '\0') + patch + before.slice(offset + patch.length);
    context.database.replace(key, patched);
    return patched.length;
  }),
];
