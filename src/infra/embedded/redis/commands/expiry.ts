import { cString, invalidExpireTime, NOT_AN_INTEGER } from '../error-texts.ts';
import { ErrorReply, type Reply } from '../protocol/reply.ts';
import { integerArgument } from './arguments.ts';
import { ONE_KEY, readCommand, writeCommand, type CommandContext, type CommandSpec } from './command.ts';

export type TimeUnit = 'seconds' | 'milliseconds';
export interface TimeArgument {
  readonly unit: TimeUnit;
  /** Since the Unix epoch rather than from now. */
  readonly absolute: boolean;
}

const MAX_INT64 = 2n ** 63n - 1n;
const MIN_INT64 = -(2n ** 63n);

/**
 * The wall-clock milliseconds that a time argument names; throws the error of `command` where that
 * leaves 64 bits. Options of SET and GETEX take no time at or before 0 (`positive`).
 */
export function expiryArgument(context: CommandContext, text: string, time: TimeArgument, command: string, positive: boolean): number {
  const given = integerArgument(text, NOT_AN_INTEGER);
  if (positive && given <= 0) throw new ErrorReply(invalidExpireTime(command));
  if (typeof given === 'number' && Math.abs(given) < 1e12) {
    return given * (time.unit === 'seconds' ? 1000 : 1) + (time.absolute ? 0 : context.nowMs);
  }
  const exact = BigInt(given) * (time.unit === 'seconds' ? 1000n : 1n);
  const atMs = exact + (time.absolute ? 0n : BigInt(Math.trunc(context.nowMs)));
  if (exact > MAX_INT64 || exact < MIN_INT64 || atMs > MAX_INT64) throw new ErrorReply(invalidExpireTime(command));
  return Number(atMs);
}

interface Conditions {
  nx: boolean;
  xx: boolean;
  gt: boolean;
  lt: boolean;
}

function readConditions(options: readonly string[]): Conditions {
  const conditions: Conditions = { nx: false, xx: false, gt: false, lt: false };
  for (const option of options) {
    const name = option.toLowerCase();
    if (name !== 'nx' && name !== 'xx' && name !== 'gt' && name !== 'lt') throw new ErrorReply(`ERR Unsupported option ${cString(option)}`);
    conditions[name] = true;
  }
  if (conditions.nx && (conditions.xx || conditions.gt || conditions.lt)) {
    throw new ErrorReply('ERR NX and XX, GT or LT options at the same time are not compatible');
  }
  if (conditions.gt && conditions.lt) throw new ErrorReply('ERR GT and LT options at the same time are not compatible');
  return conditions;
}

function expireCommand(name: string, time: TimeArgument): CommandSpec {
  return writeCommand(name, -3, ONE_KEY, (context, [key, when, ...options]): Reply => {
    const conditions = readConditions(options);
    const atMs = expiryArgument(context, when, time, name, false);
    const entry = context.database.get(key);
    if (entry === undefined) return 0;
    const hasExpiry = entry.expiresAtMs !== Number.POSITIVE_INFINITY;
    if (conditions.nx && hasExpiry) return 0;
    if (conditions.xx && !hasExpiry) return 0;
    if (conditions.gt && (!hasExpiry || atMs <= entry.expiresAtMs)) return 0;
    if (conditions.lt && hasExpiry && atMs >= entry.expiresAtMs) return 0;
    if (atMs <= context.nowMs) context.database.delete(key);
    else context.database.setExpiry(key, atMs);
    return 1;
  });
}

/** -2 for no key, -1 for a key that stays, else what `show` makes of its milliseconds. */
function expiryQuery(name: string, show: (expiresAtMs: number, nowMs: number) => number): CommandSpec {
  return readCommand(name, 2, ONE_KEY, (context, [key]) => {
    const entry = context.database.get(key);
    if (entry === undefined) return -2;
    return entry.expiresAtMs === Number.POSITIVE_INFINITY ? -1 : whole(show(entry.expiresAtMs, context.nowMs));
  });
}

/** Times beyond 2^53 ms (the year 287396) are kept to a double's precision. */
function whole(value: number): number | bigint {
  return Number.isSafeInteger(value) ? value : BigInt(value);
}

export const expiryCommands: readonly CommandSpec[] = [
  expireCommand('expire', { unit: 'seconds', absolute: false }),
  expireCommand('pexpire', { unit: 'milliseconds', absolute: false }),
  expireCommand('expireat', { unit: 'seconds', absolute: true }),
  expireCommand('pexpireat', { unit: 'milliseconds', absolute: true }),
  expiryQuery('ttl', (atMs, nowMs) => Math.floor((Math.max(0, atMs - nowMs) + 500) / 1000)),
  expiryQuery('pttl', (atMs, nowMs) => Math.max(0, atMs - nowMs)),
  expiryQuery('expiretime', (atMs) => Math.floor((atMs + 500) / 1000)),
  expiryQuery('pexpiretime', (atMs) => atMs),
  writeCommand('persist', 2, ONE_KEY, (context, [key]) => {
    const entry = context.database.get(key);
    if (entry === undefined || entry.expiresAtMs === Number.POSITIVE_INFINITY) return 0;
    context.database.setExpiry(key, Number.POSITIVE_INFINITY);
    return 1;
  }),
];
