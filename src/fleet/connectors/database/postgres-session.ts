import type { PoolClient } from 'pg';
import { abortReason } from '../../../core/abort.ts';
import { asError } from '../../../core/errors.ts';
import { InvariantViolation } from '../../../core/error-codes.ts';
import type { QueryOptions, SqlDatabase, SqlValue } from '../../data/sql-database.ts';
import { endsSession, toDatabaseError } from './postgres-errors.ts';

/**
 * One checked-out client: knows whether its line may be used again. Every way out of a statement but
 * the server's own answer (a timeout, an abort, a broken socket) leaves the line in an unknown state.
 */
export class PostgresSession {
  readonly client: PoolClient;
  /** Rejects as soon as the session is dropped; never resolves. */
  readonly dropped: Promise<never>;
  readonly #drop: (reason: Error) => void;
  readonly #onError = (error: Error): void => this.drop(toDatabaseError(error, 'the connection broke', true));
  #broken: Error | undefined;
  #ended = false;

  constructor(client: PoolClient) {
    this.client = client;
    const { promise, reject } = Promise.withResolvers<never>();
    // A session that nobody waits for may be dropped too.
    promise.catch(() => undefined);
    this.dropped = promise;
    this.#drop = reject;
    // A client in use has no listener of the pool's, and a dropped one may still have an error to tell.
    client.on('error', this.#onError);
  }

  get broken(): Error | undefined {
    return this.#broken;
  }

  /** Gives the line up at once; what is under way on it rejects with `reason`. */
  drop(reason: Error): void {
    if (this.#ended) return;
    this.#broken ??= reason;
    this.#drop(reason);
  }

  /** Back to the pool: whole, or to be thrown away. */
  release(): void {
    this.#ended = true;
    if (this.#broken === undefined) this.client.removeListener('error', this.#onError);
    this.client.release(this.#broken);
  }

  async query<Row extends object>(sql: string, parameters: readonly SqlValue[] = []): Promise<Row[]> {
    if (this.#ended) throw new InvariantViolation('a statement was sent on a connection that has been given back');
    try {
      const { rows } = await this.client.query<Row>(sql, [...parameters]);
      return rows;
    } catch (error) {
      const mapped = toDatabaseError(error, sql.trimStart().split(/\s/, 1)[0] ?? 'statement', true);
      if (endsSession(error)) this.#broken ??= asError(mapped);
      throw mapped;
    }
  }

  /** BEGIN … COMMIT, or ROLLBACK where `work` rejects. */
  async transaction<T>(work: (tx: SqlDatabase) => Promise<T>): Promise<T> {
    await this.query('BEGIN');
    const tx = new PostgresTransaction(this);
    try {
      const result = await work(tx);
      tx.end();
      await this.query('COMMIT');
      return result;
    } catch (error) {
      tx.end();
      // Where this fails the line is broken and gets dropped: the server rolls back by itself then.
      if (this.#broken === undefined && !this.#ended) await this.query('ROLLBACK').catch((cause: unknown) => this.drop(asError(cause)));
      throw error;
    }
  }
}

/** What a transaction's work sees; statements after its end are a bug of the caller. */
class PostgresTransaction implements SqlDatabase {
  readonly dialect = 'postgres';
  readonly #session: PostgresSession;
  #ended = false;

  constructor(session: PostgresSession) {
    this.#session = session;
  }

  end(): void {
    this.#ended = true;
  }

  async query<Row extends object>(sql: string, parameters: readonly SqlValue[] = [], options: QueryOptions = {}): Promise<Row[]> {
    if (this.#ended) throw new InvariantViolation('a statement was sent in a transaction that has ended');
    const { signal } = options;
    signal?.throwIfAborted();
    const onAbort = (): void => this.#session.drop(abortReason(signal as AbortSignal));
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      return await this.#session.query<Row>(sql, parameters);
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  async transaction<T>(work: (tx: SqlDatabase) => Promise<T>): Promise<T> {
    return work(this);
  }
}
