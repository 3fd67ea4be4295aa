import type { Clock } from '../../../core/clock.ts';
import type { Rng } from '../../../core/rng.ts';
import { BlockedClients } from './blocked-clients.ts';
import type { CommandSpec } from './commands/command.ts';
import { Configuration } from './configuration.ts';
import { Database, type CommandTime } from './database.ts';
import type { ScriptEngine } from './lua/script-engine.ts';
import { PubsubHub } from './pubsub-hub.ts';
import type { Session } from './session.ts';
import { Watches } from './watches.ts';

export const DATABASE_COUNT = 16;
/** The version whose behaviour is answered with; clients choose their commands by it. */
export const REDIS_VERSION = '7.0.15';

export interface ServerStateOptions {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly commands: ReadonlyMap<string, CommandSpec>;
  readonly runId: string;
}

/** Everything one server holds; commands reach it through their context. */
export class ServerState {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly commands: ReadonlyMap<string, CommandSpec>;
  readonly runId: string;
  readonly startedAtMs: number;
  readonly time: CommandTime;
  readonly databases: readonly Database[];
  readonly watches = new Watches();
  readonly pubsub = new PubsubHub();
  readonly blocked: BlockedClients;
  readonly configuration = new Configuration();
  readonly sessions = new Map<number, Session>();
  readonly statistics = { connections: 0, commands: 0 };
  port = 0;
  #scripts: ScriptEngine | undefined;
  #lastSessionId = 0;

  constructor(options: ServerStateOptions) {
    this.clock = options.clock;
    this.rng = options.rng;
    this.commands = options.commands;
    this.runId = options.runId;
    this.startedAtMs = options.clock.now();
    this.time = { nowMs: this.startedAtMs };
    this.blocked = new BlockedClients(options.clock);
    this.databases = Array.from({ length: DATABASE_COUNT }, (_, index) => new Database(index, this.time, this.#modified));
  }

  /** Set once before the first connection: the engine needs the state, and the state the engine. */
  set scripts(engine: ScriptEngine) {
    this.#scripts = engine;
  }

  get scripts(): ScriptEngine {
    return this.#scripts as ScriptEngine;
  }

  nextSessionId(): number {
    return ++this.#lastSessionId;
  }

  database(index: number): Database | undefined {
    return this.databases[index];
  }

  /** Forgets everything about a client that left. */
  drop(session: Session): void {
    this.sessions.delete(session.id);
    this.watches.unwatch(session);
    this.pubsub.drop(session);
    this.blocked.forget(session);
  }

  readonly #modified = (database: Database, key: string): void => {
    this.watches.modified(database, key);
    this.blocked.modified(database, key);
  };
}
