import type { Database } from './database.ts';
import type { Session } from './session.ts';

interface Watch {
  readonly database: Database;
  readonly key: string;
  readonly session: Session;
  /** The key's time was already over when it was watched: its removal is then no change. */
  wasStale: boolean;
}

/** Optimistic locks: who watches which key, and whose were broken. */
export class Watches {
  readonly #byKey = new Map<Database, Map<string, Set<Watch>>>();
  readonly #bySession = new Map<Session, Watch[]>();

  watch(session: Session, key: string): void {
    const own = this.#bySession.get(session) ?? [];
    const database = session.database;
    if (own.some((watch) => watch.database === database && watch.key === key)) return;
    const watch = { database, key, session, wasStale: database.isStale(key) };
    own.push(watch);
    this.#bySession.set(session, own);
    const keys = this.#byKey.get(database) ?? new Map<string, Set<Watch>>();
    this.#byKey.set(database, keys);
    const watches = keys.get(key) ?? new Set<Watch>();
    keys.set(key, watches.add(watch));
  }

  unwatch(session: Session): void {
    session.watchBroken = false;
    for (const watch of this.#bySession.get(session) ?? []) {
      const keys = this.#byKey.get(watch.database);
      const watches = keys?.get(watch.key);
      watches?.delete(watch);
      if (watches?.size === 0) keys?.delete(watch.key);
    }
    this.#bySession.delete(session);
  }

  modified(database: Database, key: string): void {
    const watches = this.#byKey.get(database)?.get(key);
    if (watches === undefined) return;
    for (const watch of watches) {
      if (watch.wasStale && !database.has(key)) {
        watch.wasStale = false;
        continue;
      }
      watch.session.watchBroken = true;
    }
  }

  /** Whether EXEC has to be refused; a key whose time ran out since WATCH counts as changed. */
  isBroken(session: Session): boolean {
    if (session.watchBroken) return true;
    return (this.#bySession.get(session) ?? []).some((watch) => !watch.wasStale && watch.database.isStale(watch.key));
  }
}
