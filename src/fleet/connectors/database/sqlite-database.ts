import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { raceAbort } from '../../../core/abort.ts';
import { InvariantViolation } from '../../../core/error-codes.ts';
import { translatePlaceholders, type QueryOptions, type SqlDatabase, type SqlValue } from '../../data/sql-database.ts';
import { toSqliteError } from './sqlite-errors.ts';

export interface SqliteOptions {
  /** Path, or `:memory:`. */
  readonly file: string;
  /** Refuses every write, with `DATABASE_UNRECORDED_WRITE`. @default false */
  readonly readOnly?: boolean;
  /** Another file whose tables are there too, after this one's. */
  readonly attach?: string;
  /**
   * `full`: a committed transaction survives a power cut. `normal`: it survives a crash of the process only.
   * @default 'full'
   */
  readonly durability?: 'full' | 'normal';
}

const keptStatements = 200;
/** Another process has the file open only while it is being killed and replaced. Waiting blocks the event loop. */
const busyTimeoutMs = 1_000;

/** SQLite by node:sqlite. Statements run on the calling thread; transactions take turns. */
export class SqliteDatabase implements SqlDatabase {
  readonly dialect = 'sqlite';
  readonly file: string;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  /** Ends with the transaction under way. */
  #turn: Promise<void> = Promise.resolve();
  #transactions = 0;

  /** @throws ConnectorError `DATABASE_FALLBACK_BROKEN` where the file cannot be used */
  constructor(options: SqliteOptions) {
    this.file = options.file;
    this.#database = this.#guard(() => new DatabaseSync(options.file, { timeout: busyTimeoutMs }));
    this.#guard(() => {
      // A reader beside a writer: WAL lets neither wait for the other.
      this.#database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${options.durability ?? 'full'}; PRAGMA foreign_keys = ON`);
      if (options.attach !== undefined) this.#database.prepare('ATTACH DATABASE ? AS attached').run(options.attach);
      if (options.readOnly === true) this.#database.exec('PRAGMA query_only = ON');
    });
  }

  async query<Row extends object>(sql: string, parameters: readonly SqlValue[] = [], options: QueryOptions = {}): Promise<Row[]> {
    options.signal?.throwIfAborted();
    // A statement in between would become part of somebody else's transaction.
    while (this.#transactions > 0) await raceAbort(this.#turn, options.signal);
    return this.run<Row>(sql, parameters);
  }

  /** The same, at once. Must not be called while a `transaction` is under way on this connection. */
  run<Row extends object>(sql: string, parameters: readonly SqlValue[] = []): Row[] {
    return this.#guard(() => {
      const rows = this.#prepare(sql).all(...parameters.map(toInput));
      // node:sqlite gives objects without a prototype, which compare unequal to plain ones.
      return rows.map((row) => ({ ...row }) as Row);
    });
  }

  /** Several statements, in one transaction, at once: nothing can come in between. */
  atomically<T>(work: () => T): T {
    if (this.#transactions > 0) throw new InvariantViolation('a synchronous transaction was begun inside another one');
    this.#guard(() => this.#database.exec('BEGIN IMMEDIATE'));
    try {
      const result = work();
      this.#guard(() => this.#database.exec('COMMIT'));
      return result;
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  async transaction<T>(work: (tx: SqlDatabase) => Promise<T>, options: QueryOptions = {}): Promise<T> {
    options.signal?.throwIfAborted();
    const before = this.#turn;
    const ended = Promise.withResolvers<void>();
    this.#turn = before.then(() => ended.promise);
    this.#transactions += 1;
    try {
      await raceAbort(before, options.signal);
      this.#guard(() => this.#database.exec('BEGIN'));
      return await this.#finish(work, options.signal);
    } finally {
      this.#transactions -= 1;
      ended.resolve();
    }
  }

  close(): void {
    this.#statements.clear();
    if (this.#database.isOpen) this.#database.close();
  }

  async #finish<T>(work: (tx: SqlDatabase) => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    let open = true;
    const tx: SqlDatabase = {
      dialect: 'sqlite',
      query: async (sql, parameters, options) => {
        if (!open) throw new InvariantViolation('a statement was sent in a transaction that has ended');
        options?.signal?.throwIfAborted();
        return this.run(sql, parameters);
      },
      transaction: (inner) => inner(tx),
    };
    try {
      const result = await raceAbort(work(tx), signal);
      open = false;
      this.#guard(() => this.#database.exec('COMMIT'));
      return result;
    } catch (error) {
      open = false;
      if (this.#database.isOpen && this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(translatePlaceholders(sql));
      if (this.#statements.size >= keptStatements) this.#statements.delete(this.#statements.keys().next().value as string);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw toSqliteError(error, this.file);
    }
  }
}

/** SQLite has no boolean: PostgreSQL's true and false compare as 1 and 0 there. */
function toInput(value: SqlValue): SQLInputValue {
  return typeof value === 'boolean' ? Number(value) : value;
}
