import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../../core/clock.ts';
import { asError } from '../../../core/errors.ts';
import type { SqlDatabase } from '../../data/sql-database.ts';
import { ConnectorError } from '../../error-codes.ts';
import type { RecordedWrite } from './fleet-database.ts';
import { Outbox } from './outbox.ts';
import { SqliteDatabase } from './sqlite-database.ts';

export interface SqliteFallbackOptions {
  readonly stateDir: string;
  readonly clock: Clock;
  /** Fills the business tables before the first read; must be repeatable. */
  readonly prepare?: ((database: SqlDatabase) => Promise<void>) | undefined;
}

/**
 * What stands in for PostgreSQL, in two files: `fleet.sqlite` holds the fleet's own tables and the
 * outbox and must not be lost; `business.sqlite` is a copy of what can be loaded again. Two files,
 * since loading one takes long and must not keep writes from the other waiting.
 */
export class SqliteFallback {
  readonly outbox: Outbox;
  readonly #fleet: SqliteDatabase;
  readonly #options: SqliteFallbackOptions;
  #reader: Promise<SqliteDatabase> | undefined;

  /** @throws ConnectorError `DATABASE_FALLBACK_BROKEN` */
  constructor(options: SqliteFallbackOptions) {
    this.#options = options;
    try {
      mkdirSync(options.stateDir, { recursive: true });
    } catch (cause) {
      throw new ConnectorError('DATABASE_FALLBACK_BROKEN', `the state folder ${options.stateDir} cannot be made: ${asError(cause).message}`, { cause });
    }
    this.#fleet = new SqliteDatabase({ file: join(options.stateDir, 'fleet.sqlite'), durability: 'normal' });
    this.outbox = new Outbox(this.#fleet, options.clock);
    this.#fleet.run('CREATE TABLE IF NOT EXISTS fleet_ddl (statement TEXT PRIMARY KEY)');
  }

  /** Makes the tables here, and remembers how: a successor that finds our outbox has to make them in PostgreSQL first. */
  ensureTables(ddl: readonly string[]): void {
    for (const statement of ddl) {
      this.#fleet.run(statement);
      this.#fleet.run('INSERT INTO fleet_ddl (statement) VALUES ($1) ON CONFLICT (statement) DO NOTHING', [statement]);
    }
  }

  /** Every statement that `ensureTables` was ever given here, by this process or an earlier one. */
  knownTables(): readonly string[] {
    return this.#fleet.run<{ statement: string }>('SELECT statement FROM fleet_ddl ORDER BY rowid').map((row) => row.statement);
  }

  /** While this is the only place where writes go, each must survive a power cut; as a mirror it need not. */
  setDurable(durable: boolean): void {
    this.#fleet.run(`PRAGMA synchronous = ${durable ? 'FULL' : 'NORMAL'}`);
  }

  write(write: RecordedWrite): boolean {
    return this.outbox.write(write);
  }

  /** Sees all tables, refuses all writes. The first call loads the business tables; a failed load is tried again by the next call. */
  reader(): Promise<SqliteDatabase> {
    this.#reader ??= this.#openReader().catch((error: unknown) => {
      this.#reader = undefined;
      throw error;
    });
    return this.#reader;
  }

  async close(): Promise<void> {
    const reader = await this.#reader?.catch(() => undefined);
    reader?.close();
    this.#fleet.close();
  }

  async #openReader(): Promise<SqliteDatabase> {
    const { prepare, stateDir } = this.#options;
    if (prepare === undefined) return new SqliteDatabase({ file: this.#fleet.file, readOnly: true });
    const file = join(stateDir, 'business.sqlite');
    const loader = new SqliteDatabase({ file, durability: 'normal' });
    try {
      await prepare(loader);
    } catch (cause) {
      throw new ConnectorError('DATABASE_FALLBACK_BROKEN', `the business tables could not be loaded into ${file}: ${asError(cause).message}`, { cause });
    } finally {
      loader.close();
    }
    return new SqliteDatabase({ file: this.#fleet.file, attach: file, readOnly: true });
  }
}
