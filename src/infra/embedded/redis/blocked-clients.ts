import type { Clock } from '../../../core/clock.ts';
import type { Database } from './database.ts';
import type { BlockedCommand, Session } from './session.ts';
import { ErrorReply, type Reply } from './protocol/reply.ts';
import { typeName } from './values/value.ts';

/**
 * Clients that wait for a key. Whoever waits longest is served first; serving happens after the
 * command, transaction or script that filled the key has ended.
 */
export class BlockedClients {
  readonly #clock: Clock;
  readonly #waiting = new Map<Database, Map<string, Set<Session>>>();
  readonly #ready = new Map<Database, Set<string>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Lets `session` wait; `timeoutMs` 0 waits for ever. */
  block(session: Session, wait: Omit<BlockedCommand, 'cancelTimer' | 'database'>, timeoutMs: number): void {
    const giveUp = (): void => this.finish(session, wait.emptyReply);
    const cancelTimer = timeoutMs === 0 ? () => undefined : this.#clock.setTimer(timeoutMs, giveUp, { keepAlive: false });
    session.blocked = { ...wait, keys: [...new Set(wait.keys)], database: session.database, cancelTimer };
    const waiting = this.#waiting.get(session.database) ?? new Map<string, Set<Session>>();
    this.#waiting.set(session.database, waiting);
    for (const key of session.blocked.keys) waiting.set(key, (waiting.get(key) ?? new Set<Session>()).add(session));
  }

  modified(database: Database, key: string): void {
    if (this.#waiting.get(database)?.has(key) !== true) return;
    this.#ready.set(database, (this.#ready.get(database) ?? new Set<string>()).add(key));
  }

  /** Serves waiting clients; what a served client moves elsewhere may serve the next. */
  serve(): void {
    while (this.#ready.size > 0) {
      const ready = [...this.#ready];
      this.#ready.clear();
      for (const [database, keys] of ready) {
        for (const key of keys) this.#serveKey(database, key);
      }
    }
  }

  /** Ends the wait of `session` with `reply`; nothing where it does not wait. */
  finish(session: Session, reply: Reply): void {
    if (this.forget(session) === undefined) return;
    session.transport.send(reply);
    // Later, as its own turn: the command that filled the key is still running.
    queueMicrotask(() => session.transport.resume());
  }

  forget(session: Session): BlockedCommand | undefined {
    const blocked = session.blocked;
    if (blocked === undefined) return undefined;
    blocked.cancelTimer();
    session.blocked = undefined;
    const waiting = this.#waiting.get(blocked.database);
    for (const key of blocked.keys) {
      const sessions = waiting?.get(key);
      sessions?.delete(session);
      if (sessions?.size === 0) waiting?.delete(key);
    }
    return blocked;
  }

  #serveKey(database: Database, key: string): void {
    for (const session of this.#waiting.get(database)?.get(key) ?? []) {
      const value = database.value(key);
      if (value === undefined || session.blocked === undefined || typeName(value) !== session.blocked.kind) continue;
      const reply = attempt(session.blocked, key);
      if (reply !== undefined) this.finish(session, reply);
    }
  }
}

/** An error (a destination of another kind) ends the wait too. */
function attempt(blocked: BlockedCommand, key: string): Reply | undefined {
  try {
    return blocked.attempt([key]);
  } catch (error) {
    if (error instanceof ErrorReply) return error;
    throw error;
  }
}
