import type { Unsubscribe } from '../../../core/emitter.ts';
import type { SqlDatabase, SqlValue } from '../../data/sql-database.ts';
import type { CallOptions, DependencyState } from '../call.ts';

/** What statements run on now (F08). */
export type DatabaseMode = 'postgres' | 'sqlite' | 'failed';

/** A write that has to survive the loss of PostgreSQL: repeatable, decided by primary key. */
export interface RecordedWrite {
  readonly table: string;
  /** Primary key columns. */
  readonly key: Readonly<Record<string, SqlValue>>;
  /** The other columns. */
  readonly row: Readonly<Record<string, SqlValue>>;
  /**
   * `keep-first`: an existing row stays as it is. `replace`: the given columns are overwritten.
   * `higher-token-wins`: overwritten only where `tokenColumn` of the row is not above the one given.
   */
  readonly conflict: 'keep-first' | 'replace' | { readonly tokenColumn: string };
}

/** The database of a host: PostgreSQL first, SQLite where PostgreSQL is gone, and back again by itself. */
export interface FleetDatabase extends SqlDatabase {
  readonly mode: DatabaseMode;
  /** PostgreSQL's, whatever the mode. */
  readonly state: DependencyState;
  onStateChange(listener: (state: DependencyState) => void): Unsubscribe;
  onModeChange(listener: () => void): Unsubscribe;
  /** Pool figures for `/health/detailed`. */
  pool(): { readonly total: number; readonly idle: number; readonly waiting: number };
  /** One attempt at PostgreSQL; concurrent calls share it. Rejects retriably; the caller decides about `useFallback`. */
  connect(options?: CallOptions): Promise<void>;
  /** Goes on with SQLite (F02); rejects where the fallback is switched off or its file cannot be opened, and the mode is `failed` then. */
  useFallback(reason: string): Promise<void>;
  /** Creates the fleet's own tables on whichever side is in use, and on the other one once it is used. Safe from several hosts at once. */
  ensureTables(ddl: readonly string[], options?: CallOptions): Promise<void>;
  /** Resolves once the write is durable on the side in use; `changed` tells whether it changed anything there. */
  recordWrite(write: RecordedWrite, options?: CallOptions): Promise<{ readonly changed: boolean }>;
  close(): Promise<void>;
}
