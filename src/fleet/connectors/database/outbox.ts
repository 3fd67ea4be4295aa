import type { Clock } from '../../../core/clock.ts';
import { newCorrelationId } from '../../../core/ids.ts';
import type { RecordedWrite } from './fleet-database.ts';
import { decodeWrite, encodeWrite, writeStatement, writeSubject } from './recorded-write.ts';
import type { SqliteDatabase } from './sqlite-database.ts';

export interface OutboxEntry {
  readonly seq: number;
  /** Told to PostgreSQL with the write: it takes each one once. */
  readonly writeId: string;
  readonly write: RecordedWrite;
}

interface OutboxRow {
  readonly seq: number;
  readonly write_id: string;
  readonly write_json: string;
}

/**
 * Writes made while SQLite stood in for PostgreSQL, in their order, in the same file and the same
 * transaction as the rows themselves. State of an entry: `pending` → `done` (in PostgreSQL) → gone,
 * or `refused` (PostgreSQL will never take it: kept, with its reason, for a human).
 */
export class Outbox {
  readonly #sqlite: SqliteDatabase;
  readonly #clock: Clock;

  constructor(sqlite: SqliteDatabase, clock: Clock) {
    this.#sqlite = sqlite;
    this.#clock = clock;
    sqlite.run(`CREATE TABLE IF NOT EXISTS fleet_outbox (
      seq INTEGER PRIMARY KEY AUTOINCREMENT, write_id TEXT NOT NULL UNIQUE, subject TEXT NOT NULL, write_json TEXT NOT NULL,
      state TEXT NOT NULL, reason TEXT, recorded_at BIGINT NOT NULL)`);
    sqlite.run('CREATE INDEX IF NOT EXISTS fleet_outbox_by_state ON fleet_outbox (state, seq)');
    sqlite.run('CREATE INDEX IF NOT EXISTS fleet_outbox_by_subject ON fleet_outbox (subject)');
  }

  /** Writes the row and remembers the write, or neither; false where the row stays as it was. */
  write(write: RecordedWrite): boolean {
    const { sql, parameters } = writeStatement(write);
    const subject = writeSubject(write);
    return this.#sqlite.atomically(() => {
      if (this.#sqlite.run(sql, parameters).length === 0) return false;
      // Host heartbeats and the like would grow it without end: the newest of them says it all.
      if (write.conflict !== 'keep-first') this.#sqlite.run(`DELETE FROM fleet_outbox WHERE subject = $1 AND state = 'pending'`, [subject]);
      this.#sqlite.run(`INSERT INTO fleet_outbox (write_id, subject, write_json, state, recorded_at) VALUES ($1, $2, $3, 'pending', $4)`, [
        newCorrelationId(),
        subject,
        encodeWrite(write),
        this.#clock.now(),
      ]);
      return true;
    });
  }

  /** A write that is in PostgreSQL already, kept here so that it can be read while PostgreSQL is gone. */
  mirror(write: RecordedWrite): void {
    const { sql, parameters } = writeStatement(write);
    this.#sqlite.run(sql, parameters);
  }

  pendingCount(): number {
    return this.#sqlite.run<{ pending: number }>(`SELECT COUNT(*) AS pending FROM fleet_outbox WHERE state = 'pending'`)[0]?.pending ?? 0;
  }

  /** Oldest first. */
  pending(limit: number): OutboxEntry[] {
    return this.#sqlite
      .run<OutboxRow>(`SELECT seq, write_id, write_json FROM fleet_outbox WHERE state = 'pending' ORDER BY seq LIMIT ${limit}`)
      .map((row) => ({ seq: row.seq, writeId: row.write_id, write: decodeWrite(row.write_json) }));
  }

  markDone(entries: readonly OutboxEntry[]): void {
    this.#sqlite.atomically(() => {
      for (const { seq } of entries) this.#sqlite.run(`UPDATE fleet_outbox SET state = 'done' WHERE seq = $1`, [seq]);
    });
  }

  markRefused(entry: OutboxEntry, reason: string): void {
    this.#sqlite.run(`UPDATE fleet_outbox SET state = 'refused', reason = $2 WHERE seq = $1`, [entry.seq, reason]);
  }

  /** Ids that PostgreSQL need not remember any longer. */
  done(limit: number): readonly string[] {
    return this.#sqlite.run<{ write_id: string }>(`SELECT write_id FROM fleet_outbox WHERE state = 'done' ORDER BY seq LIMIT ${limit}`).map((row) => row.write_id);
  }

  forget(writeIds: readonly string[]): void {
    this.#sqlite.atomically(() => {
      for (const id of writeIds) this.#sqlite.run('DELETE FROM fleet_outbox WHERE write_id = $1', [id]);
    });
  }
}
