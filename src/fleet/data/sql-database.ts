import type { Deadline } from '../../core/deadline.ts';

export type SqlValue = string | number | bigint | boolean | null;

export interface QueryOptions {
  readonly signal?: AbortSignal;
  readonly deadline?: Deadline;
  readonly correlationId?: string;
}

/**
 * What the fleet needs of a database, whichever product it is. Statements keep to the subset that
 * PostgreSQL and SQLite read alike, with `$1`… placeholders (`translatePlaceholders` for SQLite).
 *
 * Rows come back as plain objects; BIGINT as a JS number (all of ours are below 2^53). A value is
 * never a Date: dates and timestamps are TEXT in ISO 8601, so that both products sort them alike.
 */
export interface SqlDatabase {
  readonly dialect: 'postgres' | 'sqlite';
  query<Row extends object>(sql: string, parameters?: readonly SqlValue[], options?: QueryOptions): Promise<Row[]>;
  /** Commits when `work` resolves, rolls back and rethrows when it rejects. A transaction inside `tx` joins it. */
  transaction<T>(work: (tx: SqlDatabase) => Promise<T>, options?: QueryOptions): Promise<T>;
}

/** `$1` as PostgreSQL writes it → `?1` as SQLite does; text in single quotes is left as it is. */
export function translatePlaceholders(sql: string): string {
  return sql.replace(/'(?:[^']|'')*'|\$(\d+)/g, (match, index: string | undefined) => (index === undefined ? match : `?${index}`));
}
