import { InvariantViolation } from '../../../core/error-codes.ts';
import type { SqlValue } from '../../data/sql-database.ts';
import type { RecordedWrite } from './fleet-database.ts';

export interface WriteStatement {
  readonly sql: string;
  readonly parameters: readonly SqlValue[];
}

const identifier = /^[a-z_][a-z0-9_]{0,62}$/;

/**
 * One statement that PostgreSQL and SQLite read alike and that may be repeated: it answers one row if
 * it changed anything, none otherwise. Repeating a write that is there changes nothing.
 */
export function writeStatement(write: RecordedWrite): WriteStatement {
  const keys = Object.keys(write.key);
  const columns = [...keys, ...Object.keys(write.row)];
  if (keys.length === 0) throw new InvariantViolation(`a recorded write to ${write.table} names no key column`);
  for (const name of [write.table, ...columns]) {
    if (!identifier.test(name)) throw new InvariantViolation(`'${name}' is no table or column name that PostgreSQL and SQLite read alike (lower case, digits, _)`);
  }
  return {
    sql:
      `INSERT INTO "${write.table}" (${list(columns)}) VALUES (${columns.map((_, index) => `$${index + 1}`).join(', ')}) ` +
      `ON CONFLICT (${list(keys)}) ${onConflict(write)} RETURNING 1 AS changed`,
    parameters: [...Object.values(write.key), ...Object.values(write.row)],
  };
}

function list(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}

function onConflict({ table, row, conflict }: RecordedWrite): string {
  const columns = Object.keys(row);
  if (conflict === 'keep-first' || columns.length === 0) return 'DO NOTHING';
  const assignments = columns.map((name) => `"${name}" = excluded."${name}"`).join(', ');
  const differs = columns.map((name) => `"${table}"."${name}" IS DISTINCT FROM excluded."${name}"`).join(' OR ');
  if (conflict === 'replace') return `DO UPDATE SET ${assignments} WHERE ${differs}`;
  const token = conflict.tokenColumn;
  if (!columns.includes(token)) throw new InvariantViolation(`a recorded write to ${table} is fenced by '${token}' but gives no value for it`);
  return `DO UPDATE SET ${assignments} WHERE "${table}"."${token}" <= excluded."${token}" AND (${differs})`;
}

/** What a later write makes superfluous: the same row, the same columns, decided by the same rule. */
export function writeSubject(write: RecordedWrite): string {
  return encode([write.table, sorted(write.key), Object.keys(write.row).sort(), write.conflict]);
}

function sorted(record: Readonly<Record<string, SqlValue>>): [string, SqlValue][] {
  return Object.entries(record).sort(([left], [right]) => (left < right ? -1 : 1));
}

export function encodeWrite(write: RecordedWrite): string {
  return encode(write);
}

export function decodeWrite(text: string): RecordedWrite {
  return JSON.parse(text, (_, value: unknown) => (isTagged(value) ? BigInt(value.$bigint) : value)) as RecordedWrite;
}

/** JSON has no bigint. */
function encode(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) => (typeof member === 'bigint' ? { $bigint: String(member) } : member));
}

function isTagged(value: unknown): value is { $bigint: string } {
  return typeof value === 'object' && value !== null && '$bigint' in value;
}
