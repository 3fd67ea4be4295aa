import type { ConnectionOptions } from 'node:tls';
import { Pool, types as defaultTypes, type CustomTypesConfig, type PoolClient } from 'pg';
import { abortReason } from '../../../core/abort.ts';
import type { Clock } from '../../../core/clock.ts';
import { asError } from '../../../core/errors.ts';
import type { QueryOptions, SqlDatabase, SqlValue } from '../../data/sql-database.ts';
import { ConnectorError } from '../../error-codes.ts';
import { sendCancelRequest } from './cancel-request.ts';
import { toDatabaseError } from './postgres-errors.ts';
import { PostgresSession } from './postgres-session.ts';

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database` */
  readonly url: string;
  /** @default no TLS */
  readonly ssl?: ConnectionOptions;
  readonly applicationName?: string;
  /** @default 10 */
  readonly maxConnections?: number;
  /** For a new connection, or a free one of the pool. @default 3000 */
  readonly connectTimeoutMs?: number;
  /** For the answer to one statement, measured here: the only timer that notices a line gone dead. @default 10000 */
  readonly queryTimeoutMs?: number;
  /** For one statement, measured by the server, so that it does not work on for nobody. @default 10000 */
  readonly statementTimeoutMs?: number;
  /** Idle time after which the kernel asks whether the other end is still there. @default 5000 */
  readonly keepAliveDelayMs?: number;
  /** @default 30000 */
  readonly idleTimeoutMs?: number;
  /** A pooled connection broke while nobody used it; the pool has dropped it already. */
  readonly onIdleError: (error: Error) => void;
}

const cancelTimeoutMs = 1_000;
const int8 = 20;
const numeric = 1700;
const dates = new Set([1082, 1083, 1114, 1184, 1266]);

/** BIGINT and NUMERIC (what SUM of BIGINT gives) as numbers, dates as the server writes them: see `SqlDatabase`. */
const types: CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
    if (oid === int8 || oid === numeric) return Number;
    if (dates.has(oid)) return String;
    return (defaultTypes.getTypeParser as (oid: number, format?: 'text' | 'binary') => (value: string) => unknown)(oid, format);
  }) as CustomTypesConfig['getTypeParser'],
};

/** PostgreSQL by a pool of pg clients. No retry, no breaker: `ResilientDatabase` puts it behind those. */
export class PostgresDatabase implements SqlDatabase {
  readonly dialect = 'postgres';
  readonly #pool: Pool;
  readonly #clock: Clock;
  readonly #sessions = new Set<PostgresSession>();
  #closing: Promise<void> | undefined;

  constructor(clock: Clock, options: PostgresOptions) {
    this.#clock = clock;
    this.#pool = new Pool({
      connectionString: options.url,
      ...(options.ssl === undefined ? {} : { ssl: options.ssl }),
      application_name: options.applicationName ?? 'netra-resilience',
      max: options.maxConnections ?? 10,
      connectionTimeoutMillis: options.connectTimeoutMs ?? 3_000,
      query_timeout: options.queryTimeoutMs ?? 10_000,
      statement_timeout: options.statementTimeoutMs ?? 10_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: options.keepAliveDelayMs ?? 5_000,
      idleTimeoutMillis: options.idleTimeoutMs ?? 30_000,
      types,
    });
    // Without a listener, one idle connection that breaks ends the process.
    this.#pool.on('error', (error) => options.onIdleError(error));
  }

  pool(): { readonly total: number; readonly idle: number; readonly waiting: number } {
    return { total: this.#pool.totalCount, idle: this.#pool.idleCount, waiting: this.#pool.waitingCount };
  }

  async query<Row extends object>(sql: string, parameters: readonly SqlValue[] = [], options: QueryOptions = {}): Promise<Row[]> {
    return this.#withSession(options, (session) => session.query<Row>(sql, parameters));
  }

  async transaction<T>(work: (tx: SqlDatabase) => Promise<T>, options: QueryOptions = {}): Promise<T> {
    return this.#withSession(options, (session) => session.transaction(work));
  }

  /** Ends every connection, those in use too. */
  close(): Promise<void> {
    this.#closing ??= (async () => {
      for (const session of this.#sessions) session.drop(closedError());
      await this.#pool.end();
    })();
    return this.#closing;
  }

  /**
   * One connection for the length of `work`. An abort or the deadline cancels the statement on the
   * server, drops the connection and rejects at once, whether or not `work` notices.
   */
  async #withSession<T>(options: QueryOptions, work: (session: PostgresSession) => Promise<T>): Promise<T> {
    const { signal, deadline } = options;
    signal?.throwIfAborted();
    const stopped = Promise.withResolvers<never>();
    // Nobody may be waiting for it any more when it rejects.
    stopped.promise.catch(() => undefined);
    const onAbort = (): void => stopped.reject(abortReason(signal as AbortSignal));
    signal?.addEventListener('abort', onAbort, { once: true });
    const cancelTimer =
      deadline === undefined
        ? undefined
        : this.#clock.setTimer(deadline.remainingMs(), () =>
            stopped.reject(new ConnectorError('DATABASE_OVERLOADED', 'PostgreSQL gave no answer before the deadline', { maybeExecuted: true, retriable: false })),
          );
    try {
      return await this.#use(await this.#checkOut(stopped.promise), stopped.promise, work);
    } finally {
      cancelTimer?.();
      signal?.removeEventListener('abort', onAbort);
    }
  }

  async #checkOut(stopped: Promise<never>): Promise<PostgresSession> {
    if (this.#closing !== undefined) throw closedError();
    const connecting = this.#pool.connect();
    const failed = (error: unknown): never => {
      throw this.#connectError(error);
    };
    try {
      return new PostgresSession(await Promise.race([connecting.catch(failed), stopped]));
    } catch (error) {
      // Given up while waiting: a client that comes later goes straight back.
      connecting.then(
        (client) => client.release(),
        () => undefined,
      );
      throw error;
    }
  }

  #connectError(error: unknown): Error {
    const { max } = this.#pool.options;
    if (this.#pool.totalCount >= max && /timeout exceeded when trying to connect/.test(String(error))) {
      return new ConnectorError('DATABASE_OVERLOADED', `all ${max} connections to PostgreSQL stayed in use`, { cause: error });
    }
    return toDatabaseError(error, 'connecting', false);
  }

  async #use<T>(session: PostgresSession, stopped: Promise<never>, work: (session: PostgresSession) => Promise<T>): Promise<T> {
    this.#sessions.add(session);
    // Closed while the connection was being made.
    if (this.#closing !== undefined) session.drop(closedError());
    stopped.catch((reason: unknown) => session.drop(asError(reason)));
    const working = work(session);
    try {
      return await Promise.race([working, session.dropped]);
    } finally {
      this.#sessions.delete(session);
      if (session.broken !== undefined) {
        this.#cancel(session.client);
        working.catch(() => undefined);
      }
      session.release();
    }
  }

  #cancel(client: PoolClient): void {
    const { host, port, processID, secretKey } = client as PoolClient & { host: string; port: number; processID: number | null; secretKey: number | null };
    // Later protocol versions have longer keys; pg 8 asks for 3.0.
    if (typeof processID !== 'number' || typeof secretKey !== 'number') return;
    sendCancelRequest(this.#clock, { host, port, processId: processID, secretKey }, cancelTimeoutMs);
  }
}

function closedError(): ConnectorError {
  return new ConnectorError('DATABASE_UNAVAILABLE', 'the connection pool has been closed', { retriable: false });
}
