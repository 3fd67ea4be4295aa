import { cString, SYNTAX_ERROR } from '../error-texts.ts';
import { matchesGlob } from '../glob.ts';
import { formatDouble } from '../numbers/float.ts';
import { ErrorReply, type Reply } from '../protocol/reply.ts';
import { typeName } from '../values/value.ts';
import { indexArgument } from './arguments.ts';
import { NO_KEYS, ONE_KEY, readCommand, type CommandSpec } from './command.ts';
import { hashAt, setAt, sortedSetAt } from './values.ts';

const DEFAULT_COUNT = 10;
const MAX_CURSOR = 2n ** 64n - 1n;
const POSITION_BITS = 32n;

interface ScanOptions {
  count: number;
  pattern: string | undefined;
  type: string | undefined;
}

function scanOptions(options: readonly string[], takesType: boolean): ScanOptions {
  const result: ScanOptions = { count: DEFAULT_COUNT, pattern: undefined, type: undefined };
  for (let at = 0; at < options.length; at += 2) {
    const value = options[at + 1];
    const option = (options[at] as string).toLowerCase();
    if (value === undefined) throw new ErrorReply(SYNTAX_ERROR);
    if (option === 'count') {
      result.count = indexArgument(value);
      if (result.count < 1) throw new ErrorReply(SYNTAX_ERROR);
    } else if (option === 'match') {
      result.pattern = value === '*' ? undefined : value;
    } else if (option === 'type' && takesType) {
      result.type = value.toLowerCase();
    } else {
      throw new ErrorReply(SYNTAX_ERROR);
    }
  }
  return result;
}

/** An unsigned 64-bit number as `strtoul` reads it: a minus wraps around, nothing at all is 0. */
function cursorArgument(text: string): bigint {
  const match = /^([+-]?)(\d*)$/.exec(cString(text));
  const magnitude = BigInt(match?.[2] || 0);
  if (match === null || magnitude > MAX_CURSOR || (match[1] !== '' && match[2] === '')) throw new ErrorReply('ERR invalid cursor');
  return BigInt.asUintN(64, match[1] === '-' ? -magnitude : magnitude);
}

/**
 * HSCAN, SSCAN and ZSCAN give the whole container in one step, as the reference server does for
 * compactly encoded ones: COUNT is a hint, and one step can neither miss nor repeat an element.
 */
function containerScan(name: string, elements: (...at: Parameters<CommandSpec['run']>) => Iterable<readonly string[]> | undefined): CommandSpec {
  return readCommand(name, -3, ONE_KEY, (context, args): Reply => {
    const [, cursor, ...options] = args;
    cursorArgument(cursor);
    const found = elements(context, args);
    if (found === undefined) return ['0', []];
    const { pattern } = scanOptions(options, false);
    const items: string[] = [];
    for (const element of found) {
      if (pattern === undefined || matchesGlob(pattern, element[0] as string)) items.push(...element);
    }
    return ['0', items];
  });
}

export const scanCommands: readonly CommandSpec[] = [
  readCommand('scan', -2, NO_KEYS, (context, [cursorText, ...options]) => {
    // Where the scan stopped and where it will end, both as positions in the order of creation.
    const cursor = cursorArgument(cursorText);
    const { count, pattern, type } = scanOptions(options, true);
    const next = Number(cursor & (2n ** POSITION_BITS - 1n));
    const last = cursor === 0n ? undefined : Number(cursor >> POSITION_BITS);
    const step = context.database.scan(next, last, count);
    const keys = step.keys.filter((key) => {
      const value = context.database.value(key);
      return value !== undefined && (pattern === undefined || matchesGlob(pattern, key)) && (type === undefined || typeName(value) === type);
    });
    const following = step.next === undefined ? 0n : (BigInt(step.last) << POSITION_BITS) | BigInt(step.next);
    return [String(following), keys];
  }),
  containerScan('hscan', (context, [key]) => hashAt(context, key)),
  containerScan('sscan', (context, [key]) => setAt(context, key)?.values().map((member) => [member])),
  containerScan('zscan', (context, [key]) => sortedSetAt(context, key)?.members().map(({ member, score }) => [member, formatDouble(score)])),
];
