import { ListValue } from './list.ts';
import { SortedSet } from './sorted-set.ts';

export type HashValue = Map<string, string>;
export type SetValue = Set<string>;
/** What a key holds. Strings are binary, one character a byte; containers are never empty. */
export type Value = string | HashValue | SetValue | ListValue | SortedSet;
export type TypeName = 'string' | 'hash' | 'set' | 'list' | 'zset';

export function typeName(value: Value): TypeName {
  if (typeof value === 'string') return 'string';
  if (value instanceof Map) return 'hash';
  if (value instanceof Set) return 'set';
  return value instanceof ListValue ? 'list' : 'zset';
}

export function cloneValue(value: Value): Value {
  if (typeof value === 'string') return value;
  if (value instanceof Map) return new Map(value);
  if (value instanceof Set) return new Set(value);
  if (value instanceof ListValue) return ListValue.from(value.slice());
  const copy = new SortedSet();
  for (const { member, score } of value.members()) copy.set(member, score);
  return copy;
}
