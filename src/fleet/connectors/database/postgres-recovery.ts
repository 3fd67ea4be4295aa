import type { ConnectorContext } from '../connector-context.ts';
import { ensureTables } from './ensure-tables.ts';
import type { PostgresDatabase } from './postgres-database.ts';
import { reconcile, reconcileTables } from './reconcile.ts';
import type { SqliteFallback } from './sqlite-fallback.ts';

export interface PostgresRecoveryOptions {
  readonly context: ConnectorContext;
  readonly postgres: PostgresDatabase;
  /** Ends an attempt under way. */
  readonly signal: AbortSignal;
  /** Tables that must be there before PostgreSQL may be used. */
  readonly tables: () => readonly string[];
  /** Whose outbox has to be carried over first; undefined where there is none. */
  readonly fallback: () => SqliteFallback | undefined;
  /** Switches to PostgreSQL. Called with nothing pending in the outbox, and in the same turn as that was seen. */
  readonly switchOver: () => void;
}

/** The way to PostgreSQL, at the start and after an outage: is it there, tables, outbox, and only then the switch. */
export class PostgresRecovery {
  readonly #options: PostgresRecoveryOptions;
  #attempt: Promise<void> | undefined;

  constructor(options: PostgresRecoveryOptions) {
    this.#options = options;
  }

  /** One attempt, shared by all who ask for it. */
  attempt(): Promise<void> {
    this.#attempt ??= this.#run().finally(() => {
      this.#attempt = undefined;
    });
    return this.#attempt;
  }

  /** Resolves when no attempt is under way, whatever came of it. */
  async settled(): Promise<void> {
    await this.#attempt?.catch(() => undefined);
  }

  async #run(): Promise<void> {
    const { postgres, signal, tables, fallback: fallbackNow, switchOver } = this.#options;
    await postgres.query('SELECT 1', [], { signal });
    const fallback = fallbackNow();
    await ensureTables(postgres, [...new Set([...(fallback?.knownTables() ?? []), ...tables()])], { signal });
    if (fallback !== undefined) {
      // Writes go on meanwhile. The last look at the outbox and the switch are in one turn: none slips in between.
      do await this.#carryOver(fallback);
      while (fallback.outbox.pendingCount() > 0);
    }
    signal.throwIfAborted();
    switchOver();
  }

  async #carryOver({ outbox }: SqliteFallback): Promise<void> {
    if (outbox.pendingCount() === 0 && outbox.done(1).length === 0) return;
    const { context, postgres, signal } = this.#options;
    await ensureTables(postgres, reconcileTables, { signal });
    const { replayed, alreadyThere, refused } = await reconcile(outbox, postgres, signal);
    if (refused > 0) context.logger.error('PostgreSQL refuses writes made on SQLite; they stay in fleet_outbox with their reason', { refused });
    context.logger.info('writes made on SQLite are in PostgreSQL', { replayed, already_there: alreadyThere });
    context.emit({ type: 'database_reconciled', replayed, already_there: alreadyThere });
  }
}
