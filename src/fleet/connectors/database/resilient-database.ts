import type { Unsubscribe } from '../../../core/emitter.ts';
import { InvariantViolation } from '../../../core/error-codes.ts';
import type { QueryOptions, SqlDatabase, SqlValue } from '../../data/sql-database.ts';
import type { CallOptions, DependencyState } from '../call.ts';
import type { ConnectorContext } from '../connector-context.ts';
import type { DatabaseMode, FleetDatabase, RecordedWrite } from './fleet-database.ts';

export interface ResilientDatabaseOptions {
  readonly url: string;
  readonly stateDir: string;
  readonly prepareFallback?: (database: SqlDatabase) => Promise<void>;
}

export class ResilientDatabase implements FleetDatabase {
  constructor(context: ConnectorContext, options: ResilientDatabaseOptions) {
    void [context, options];
  }
  get dialect(): 'postgres' | 'sqlite' {
    throw shell();
  }
  get mode(): DatabaseMode {
    throw shell();
  }
  get state(): DependencyState {
    throw shell();
  }
  onStateChange(_listener: (state: DependencyState) => void): Unsubscribe {
    throw shell();
  }
  onModeChange(_listener: () => void): Unsubscribe {
    throw shell();
  }
  pool(): { readonly total: number; readonly idle: number; readonly waiting: number } {
    throw shell();
  }
  async connect(_options?: CallOptions): Promise<void> {
    throw shell();
  }
  async useFallback(_reason: string): Promise<void> {
    throw shell();
  }
  async ensureTables(_ddl: readonly string[], _options?: CallOptions): Promise<void> {
    throw shell();
  }
  async query<Row extends object>(_sql: string, _parameters?: readonly SqlValue[], _options?: QueryOptions): Promise<Row[]> {
    throw shell();
  }
  async transaction<T>(_work: (tx: SqlDatabase) => Promise<T>, _options?: QueryOptions): Promise<T> {
    throw shell();
  }
  async recordWrite(_write: RecordedWrite, _options?: CallOptions): Promise<{ readonly changed: boolean }> {
    throw shell();
  }
  async close(): Promise<void> {
    throw shell();
  }
}

const shell = (): InvariantViolation => new InvariantViolation('this connector is a shell');
