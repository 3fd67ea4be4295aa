import { WRONG_TYPE } from '../error-texts.ts';
import { ErrorReply } from '../protocol/reply.ts';
import { ListValue } from '../values/list.ts';
import { SortedSet } from '../values/sorted-set.ts';
import type { HashValue, SetValue, Value } from '../values/value.ts';
import type { CommandContext } from './command.ts';

/* What a key holds, by kind: undefined where there is none, WRONGTYPE where it holds another kind. */

export function stringAt(context: CommandContext, key: string): string | undefined {
  const value = context.database.value(key);
  if (value === undefined || typeof value === 'string') return value;
  throw new ErrorReply(WRONG_TYPE);
}

export function hashAt(context: CommandContext, key: string): HashValue | undefined {
  const value = context.database.value(key);
  if (value === undefined || value instanceof Map) return value;
  throw new ErrorReply(WRONG_TYPE);
}

export function setAt(context: CommandContext, key: string): SetValue | undefined {
  const value = context.database.value(key);
  if (value === undefined || value instanceof Set) return value;
  throw new ErrorReply(WRONG_TYPE);
}

export function listAt(context: CommandContext, key: string): ListValue | undefined {
  const value = context.database.value(key);
  if (value === undefined || value instanceof ListValue) return value;
  throw new ErrorReply(WRONG_TYPE);
}

export function sortedSetAt(context: CommandContext, key: string): SortedSet | undefined {
  const value = context.database.value(key);
  if (value === undefined || value instanceof SortedSet) return value;
  throw new ErrorReply(WRONG_TYPE);
}

/** Puts back a container that was altered or just made; an empty one takes its key away. */
export function keepContainer(context: CommandContext, key: string, container: Exclude<Value, string>): void {
  const isEmpty = container instanceof ListValue ? container.length === 0 : container.size === 0;
  if (context.database.value(key) === container) context.database.touched(key, isEmpty);
  else if (!isEmpty) context.database.set(key, container);
}

/** Stores the result of a STORE command: whatever was there is replaced; an empty result only takes it away. */
export function storeResult(context: CommandContext, key: string, container: Exclude<Value, string>): void {
  const isEmpty = container instanceof ListValue ? container.length === 0 : container.size === 0;
  if (isEmpty) context.database.delete(key);
  else context.database.set(key, container);
}
