import { isNetraError } from '../../../core/errors.ts';
import type { QueryOptions, SqlDatabase } from '../../data/sql-database.ts';

/** Any constant will do, as long as all hosts take the same one: `netra` in ASCII. */
const lockKey = 0x6e65747261;

/** Somebody else made it in between: unique violation in the catalogue, duplicate table, duplicate object. */
const alreadyMade = new Set(['23505', '42P07', '42710']);

/**
 * Runs the statements in PostgreSQL, one host after the other. `CREATE TABLE IF NOT EXISTS` alone is
 * not enough: two at once both see no table, and the second fails on a unique index of the catalogue.
 */
export async function ensureTables(postgres: SqlDatabase, ddl: readonly string[], options: QueryOptions): Promise<void> {
  if (ddl.length === 0) return;
  const create = (): Promise<void> =>
    postgres.transaction(async (tx) => {
      await tx.query('SELECT pg_advisory_xact_lock($1)', [lockKey]);
      for (const statement of ddl) await tx.query(statement);
    }, options);
  try {
    await create();
  } catch (error) {
    // Made by somebody who does not take the lock (an older release): it is there now, so the second pass finds it.
    if (!isNetraError(error) || !alreadyMade.has(String(error.context['sqlstate']))) throw error;
    await create();
  }
}
