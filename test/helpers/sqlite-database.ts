import { DatabaseSync } from 'node:sqlite';
import { translatePlaceholders, type QueryOptions, type SqlDatabase, type SqlValue } from '../../src/fleet/data/sql-database.ts';

/** The port on node:sqlite in memory, with nothing around it: what portable SQL has to run on. */
export class SqliteDatabase implements SqlDatabase, Disposable {
  readonly dialect = 'sqlite';
  readonly #database = new DatabaseSync(':memory:');
  /** Statements run so far, for tests of who reads what. */
  readonly statements: string[] = [];
  #depth = 0;

  async query<Row extends object>(sql: string, parameters: readonly SqlValue[] = [], options?: QueryOptions): Promise<Row[]> {
    options?.signal?.throwIfAborted();
    this.statements.push(sql);
    const named = Object.fromEntries(parameters.map((value, index) => [`?${index + 1}`, typeof value === 'boolean' ? Number(value) : value]));
    const statement = this.#database.prepare(translatePlaceholders(sql));
    return statement.all(named).map((row) => ({ ...row })) as Row[];
  }

  async transaction<T>(work: (tx: SqlDatabase) => Promise<T>): Promise<T> {
    if (this.#depth > 0) return work(this);
    this.#depth++;
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const result = await work(this);
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    } finally {
      this.#depth--;
    }
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}
