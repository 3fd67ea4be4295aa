import type { Database } from './database.ts';
import type { CommandSpec } from './commands/command.ts';
import type { Reply } from './protocol/reply.ts';
import type { TypeName } from './values/value.ts';

export interface QueuedCommand {
  readonly spec: CommandSpec;
  readonly args: readonly string[];
}

/** A started MULTI. */
export interface Transaction {
  readonly queue: QueuedCommand[];
  /** A command was refused while queueing: EXEC must not run the rest. */
  aborted: boolean;
}

/** A command that waits for a key, as BLPOP does. */
export interface BlockedCommand {
  readonly keys: readonly string[];
  readonly database: Database;
  /** What a key has to hold to end the wait. */
  readonly kind: TypeName;
  /** Tries again with the keys given; undefined while there is still nothing to give. */
  readonly attempt: (keys: readonly string[]) => Reply | undefined;
  readonly cancelTimer: () => void;
  /** The reply where the time is over. */
  readonly emptyReply: Reply;
}

/** What the connection behind a session offers to commands; scripts have none. */
export interface SessionTransport {
  readonly remoteAddress: string;
  readonly localAddress: string;
  send(reply: Reply): void;
  /** Goes on with requests that arrived while the session was blocked. */
  resume(): void;
  /** Ends the connection once what was sent is out. */
  end(): void;
  destroy(): void;
}

/** State of one client between its commands. */
export class Session {
  readonly id: number;
  readonly transport: SessionTransport;
  readonly createdAtMs: number;
  readonly channels = new Set<string>();
  readonly patterns = new Set<string>();
  database: Database;
  name = '';
  libraryName = '';
  libraryVersion = '';
  transaction: Transaction | undefined;
  /** A watched key changed: the next EXEC is refused. */
  watchBroken = false;
  blocked: BlockedCommand | undefined;
  /** Inside EXEC or a script, where nothing may block. */
  mayBlock = true;
  replies: 'on' | 'off' | 'skip-next' | 'skip' = 'on';
  noEvict = false;
  lastCommandAtMs: number;
  lastCommand = 'NULL';

  constructor(id: number, transport: SessionTransport, database: Database, nowMs: number) {
    this.id = id;
    this.transport = transport;
    this.database = database;
    this.createdAtMs = nowMs;
    this.lastCommandAtMs = nowMs;
  }

  get isSubscriber(): boolean {
    return this.channels.size + this.patterns.size > 0;
  }
}
