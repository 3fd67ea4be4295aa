import { raceAbort } from '../../../core/abort.ts';
import { Emitter, type Unsubscribe } from '../../../core/emitter.ts';
import { asError, isNetraError } from '../../../core/errors.ts';
import type { BreakerConfig } from '../../../reliability/index.ts';
import type { QueryOptions, SqlDatabase, SqlValue } from '../../data/sql-database.ts';
import { ConnectorError } from '../../error-codes.ts';
import type { CallOptions, DependencyState } from '../call.ts';
import type { ConnectorContext } from '../connector-context.ts';
import { DependencyWatch } from '../dependency-watch.ts';
import { ensureTables } from './ensure-tables.ts';
import type { DatabaseMode, FleetDatabase, RecordedWrite } from './fleet-database.ts';
import { PostgresDatabase, type PostgresOptions } from './postgres-database.ts';
import { PostgresRecovery } from './postgres-recovery.ts';
import { writeStatement } from './recorded-write.ts';
import { SqliteFallback } from './sqlite-fallback.ts';
import { isRead } from './statement-kind.ts';

export interface ResilientDatabaseOptions {
  readonly url: string;
  /** Folder of the SQLite files; belongs to this host alone. */
  readonly stateDir: string;
  /** Fills the business tables of the stand-in, once a process, before its first read. Must be repeatable. */
  readonly prepareFallback?: (database: SqlDatabase) => Promise<void>;
  readonly postgres?: Omit<Partial<PostgresOptions>, 'url' | 'onIdleError'>;
  /** One `SELECT 1`. @default 2000 */
  readonly probeTimeoutMs?: number;
  /** Time between probes while PostgreSQL is there. @default 2000 */
  readonly upIntervalMs?: number;
  /** Time between probes while it is gone. @default 500 */
  readonly downIntervalMs?: number;
}

const service = 'postgres';

/** D10. Closed again by the watch as soon as PostgreSQL answers it; the open time bounds the wait where it does not. */
const breaker: Partial<BreakerConfig> = Object.freeze({ threshold: 3, recoveryMs: 1_000, recoveryMultiplier: 2, maxRecoveryMs: 5_000, rampSlots: 0 });
const retry = Object.freeze({ breaker });

/**
 * PostgreSQL while it is there, SQLite while it is gone, and back by itself (F02, F08, F09).
 *
 * `failed` until `connect` or `useFallback` has succeeded, and while PostgreSQL is gone with the
 * fallback switched off. In `sqlite` mode plain statements may only read; `recordWrite` also keeps
 * what it wrote in an outbox, which is carried over before PostgreSQL is used again.
 */
export class ResilientDatabase implements FleetDatabase {
  readonly #context: ConnectorContext;
  readonly #options: ResilientDatabaseOptions;
  readonly #postgres: PostgresDatabase;
  readonly #recovery: PostgresRecovery;
  readonly #watch: DependencyWatch;
  readonly #modeEmitter: Emitter<void>;
  readonly #tables = new Set<string>();
  readonly #closing = new AbortController();
  #mode: DatabaseMode = 'failed';
  #fallback: SqliteFallback | undefined;
  /** Aborts what runs on PostgreSQL when that is given up: a dead line must not hold its callers to their timeouts. */
  #era = new AbortController();

  constructor(context: ConnectorContext, options: ResilientDatabaseOptions) {
    this.#context = context;
    this.#options = options;
    const { clock, logger } = context;
    this.#postgres = new PostgresDatabase(clock, {
      ...options.postgres,
      url: options.url,
      onIdleError: (error) => {
        logger.info('an idle connection to PostgreSQL broke', { error });
        this.#watch.nudge();
      },
    });
    this.#recovery = new PostgresRecovery({
      context,
      postgres: this.#postgres,
      signal: this.#closing.signal,
      tables: () => [...this.#tables],
      fallback: () => this.#openFallback(),
      switchOver: () => this.#switchOver(),
    });
    this.#watch = new DependencyWatch({
      clock,
      logger,
      name: service,
      probe: (signal) => this.#probe(signal),
      ...pick(options, ['probeTimeoutMs', 'upIntervalMs', 'downIntervalMs']),
    });
    this.#watch.onStateChange((state) => {
      if (!state.up && this.#mode === 'postgres') this.#failOver(state.reason);
    });
    this.#modeEmitter = new Emitter((error) => logger.warn('a listener of the database mode failed', { error }));
  }

  get dialect(): 'postgres' | 'sqlite' {
    return this.#mode === 'sqlite' ? 'sqlite' : 'postgres';
  }

  get mode(): DatabaseMode {
    return this.#mode;
  }

  get state(): DependencyState {
    return this.#watch.state;
  }

  onStateChange(listener: (state: DependencyState) => void): Unsubscribe {
    return this.#watch.onStateChange(listener);
  }

  onModeChange(listener: () => void): Unsubscribe {
    return this.#modeEmitter.on(listener);
  }

  pool(): { readonly total: number; readonly idle: number; readonly waiting: number } {
    return this.#postgres.pool();
  }

  async connect(options: CallOptions = {}): Promise<void> {
    if (this.#mode !== 'postgres') await raceAbort(this.#recovery.attempt(), options.signal);
    this.#watch.start();
  }

  async useFallback(reason: string): Promise<void> {
    if (this.#mode === 'postgres') return;
    this.#watch.down(reason);
    this.#watch.start();
    this.#failOver(reason);
    if (this.#mode === 'failed') throw this.#failedError();
  }

  async ensureTables(ddl: readonly string[], options: CallOptions = {}): Promise<void> {
    for (const statement of ddl) this.#tables.add(statement);
    this.#fallback?.ensureTables(ddl);
    if (this.#mode === 'failed') throw this.#failedError();
    await this.#route(
      'postgres.ensure_tables',
      true,
      options,
      (call) => ensureTables(this.#postgres, ddl, call),
      async () => undefined,
    );
  }

  async query<Row extends object>(sql: string, parameters: readonly SqlValue[] = [], options: QueryOptions = {}): Promise<Row[]> {
    const reads = isRead(sql);
    return this.#route(
      reads ? 'postgres.read' : 'postgres.write',
      reads,
      options,
      (call) => this.#postgres.query<Row>(sql, parameters, call),
      async (fallback) => (await fallback.reader()).query<Row>(sql, parameters, options),
    );
  }

  async transaction<T>(work: (tx: SqlDatabase) => Promise<T>, options: QueryOptions = {}): Promise<T> {
    let begun = false;
    const once = (tx: SqlDatabase): Promise<T> => {
      begun = true;
      return work(tx);
    };
    return this.#route(
      'postgres.transaction',
      false,
      options,
      (call) => this.#postgres.transaction(once, call),
      async (fallback, lost) => {
        // `work` may have had effects of its own: to begin it again is the caller's decision.
        if (begun && lost !== undefined) throw lost;
        return (await fallback.reader()).transaction(work, options);
      },
    );
  }

  async recordWrite(write: RecordedWrite, options: CallOptions = {}): Promise<{ readonly changed: boolean }> {
    const { sql, parameters } = writeStatement(write);
    return this.#route(
      'postgres.record_write',
      true,
      options,
      async (call) => {
        const changed = (await this.#postgres.query(sql, parameters, call)).length > 0;
        if (changed) this.#mirror(write);
        return { changed };
      },
      async (fallback) => ({ changed: fallback.write(write) }),
    );
  }

  async close(): Promise<void> {
    this.#closing.abort(new ConnectorError('DATABASE_UNAVAILABLE', 'the database is being closed', { retriable: false }));
    this.#watch.close();
    await this.#recovery.settled();
    await this.#postgres.close();
    await this.#fallback?.close();
  }

  /** On PostgreSQL under retry and breaker; on SQLite where that is the mode, or becomes it meanwhile. */
  async #route<T>(
    name: string,
    idempotent: boolean,
    options: CallOptions,
    primary: (call: { readonly signal: AbortSignal }) => Promise<T>,
    secondary: (fallback: SqliteFallback, lost: Error | undefined) => Promise<T>,
  ): Promise<T> {
    let lost: Error | undefined;
    if (this.#mode === 'postgres') {
      const era = this.#era.signal;
      const signal = options.signal === undefined ? era : AbortSignal.any([era, options.signal]);
      try {
        return await this.#context.reliability.executeSafely(({ signal: attempt }) => primary({ signal: attempt }), name, { profile: 'DATABASE', retry, ...options, idempotent, signal });
      } catch (error) {
        if (options.signal?.aborted === true || !(era.aborted || (await this.#isGone(error)))) throw error;
        lost = asError(error);
      }
    }
    const fallback = this.#fallback;
    if (this.#mode !== 'sqlite' || fallback === undefined) throw this.#failedError(lost);
    options.signal?.throwIfAborted();
    return secondary(fallback, lost);
  }

  /** A failed call is a reason to ask, not an answer: one broken line, or one slow statement, is no outage. */
  async #isGone(error: unknown): Promise<boolean> {
    if (!isNetraError(error) || !(error.code === 'DATABASE_UNAVAILABLE' || error.code === 'CIRCUIT_OPEN' || error.code === 'CALL_TIMEOUT')) return false;
    const { clock } = this.#context;
    const controller = new AbortController();
    const timeoutMs = this.#options.probeTimeoutMs ?? 2_000;
    const cancelTimer = clock.setTimer(timeoutMs, () => controller.abort(new ConnectorError('DATABASE_UNAVAILABLE', `PostgreSQL gave no answer within ${timeoutMs} ms`)));
    try {
      await this.#postgres.query('SELECT 1', [], { signal: controller.signal });
      return false;
    } catch (cause) {
      this.#watch.down(asError(cause).message);
      return true;
    } finally {
      cancelTimer();
    }
  }

  async #probe(signal: AbortSignal): Promise<void> {
    if (this.#mode === 'postgres') await this.#postgres.query('SELECT 1', [], { signal });
    else await raceAbort(this.#recovery.attempt(), signal);
  }

  #switchOver(): void {
    this.#era = new AbortController();
    if (this.#context.reliability.mechanisms.breaker) this.#context.reliability.breaker(service).reset();
    this.#setMode('postgres');
    this.#watch.up();
  }

  #failOver(reason: string): void {
    const fallback = this.#openFallback();
    if (fallback !== undefined) {
      fallback.setDurable(true);
      fallback.ensureTables([...this.#tables]);
    }
    this.#setMode(fallback === undefined ? 'failed' : 'sqlite');
    this.#era.abort(new ConnectorError('DATABASE_UNAVAILABLE', `PostgreSQL is gone: ${reason}`, { maybeExecuted: true }));
  }

  /** undefined where the fallback is switched off or cannot be opened. */
  #openFallback(): SqliteFallback | undefined {
    if (!this.#context.resilience.fallback) return undefined;
    if (this.#fallback !== undefined) return this.#fallback;
    try {
      const fallback = new SqliteFallback({ stateDir: this.#options.stateDir, clock: this.#context.clock, prepare: this.#options.prepareFallback });
      fallback.ensureTables([...this.#tables]);
      this.#fallback = fallback;
    } catch (error) {
      this.#context.logger.error('the SQLite fallback cannot be opened', { error, state_dir: this.#options.stateDir });
    }
    return this.#fallback;
  }

  #mirror(write: RecordedWrite): void {
    try {
      this.#fallback?.outbox.mirror(write);
    } catch (error) {
      // The row is in PostgreSQL; without the copy it merely cannot be read while that is gone.
      this.#context.logger.warn('a write could not be mirrored to SQLite', { table: write.table, error });
    }
  }

  #setMode(mode: DatabaseMode): void {
    if (this.#mode === mode) return;
    const from = this.#mode;
    this.#mode = mode;
    if (mode === 'postgres') this.#fallback?.setDurable(false);
    this.#context.logger.info('database mode changed', { from, to: mode });
    if (mode === 'sqlite') {
      const { state } = this.#watch;
      this.#context.emit({ type: 'fallback_triggered', operation: 'database', kind: 'sqlite', detail: state.up ? 'PostgreSQL is gone' : state.reason });
    }
    this.#modeEmitter.emit();
  }

  #failedError(cause?: Error): ConnectorError {
    const { state } = this.#watch;
    const why = cause?.message ?? (state.up ? 'not connected yet' : state.reason);
    const options = cause === undefined ? {} : { cause };
    if (!this.#context.resilience.fallback) return new ConnectorError('DATABASE_FALLBACK_OFF', `no database: ${why}; the SQLite fallback is switched off`, options);
    if (this.#fallback === undefined && !state.up) {
      return new ConnectorError('DATABASE_FALLBACK_BROKEN', `no database: ${why}; the SQLite files in ${this.#options.stateDir} cannot be used`, options);
    }
    return new ConnectorError('DATABASE_UNAVAILABLE', `no database: ${why}`, options);
  }
}

function pick<T extends object, K extends keyof T>(from: T, names: readonly K[]): Partial<Pick<T, K>> {
  return Object.fromEntries(names.filter((name) => from[name] !== undefined).map((name) => [name, from[name]])) as Partial<Pick<T, K>>;
}
