import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../../src/core/clock.ts';
import type { RecordedWrite } from '../../../../src/fleet/connectors/database/fleet-database.ts';
import { PostgresDatabase } from '../../../../src/fleet/connectors/database/postgres-database.ts';
import { decodeWrite, encodeWrite, writeStatement, writeSubject } from '../../../../src/fleet/connectors/database/recorded-write.ts';
import { SqliteDatabase } from '../../../../src/fleet/connectors/database/sqlite-database.ts';
import { isRead } from '../../../../src/fleet/connectors/database/statement-kind.ts';
import type { SqlDatabase } from '../../../../src/fleet/data/sql-database.ts';
import type { PostgresServer } from '../../../../src/infra/embedded/postgres/server.ts';
import { startTestPostgres, urlOf } from './database-servers.ts';

const table = 'CREATE TABLE IF NOT EXISTS runs (run_id TEXT PRIMARY KEY, token BIGINT NOT NULL, note TEXT)';
let server: PostgresServer;
let postgres: PostgresDatabase;
let sqlite: SqliteDatabase;

beforeAll(async () => {
  server = await startTestPostgres();
  postgres = new PostgresDatabase(systemClock, { url: urlOf(server.port), onIdleError: () => undefined });
  sqlite = new SqliteDatabase({ file: ':memory:' });
  await postgres.query(table);
  await sqlite.query(table);
});
afterAll(async () => {
  await postgres.close();
  sqlite.close();
  await server.close();
});

const write = fc.record({
  table: fc.constant('runs'),
  key: fc.record({ run_id: fc.constantFrom('a', 'b') }),
  row: fc.record({ token: fc.integer({ min: 0, max: 3 }), note: fc.constantFrom('x', 'y', null) }),
  conflict: fc.constantFrom<RecordedWrite['conflict'][]>('keep-first', 'replace', { tokenColumn: 'token' }),
});

const fenced = (token: number, note: string): RecordedWrite => ({ table: 'runs', key: { run_id: 'f' }, row: { token, note }, conflict: { tokenColumn: 'token' } });

async function apply(database: SqlDatabase, writes: readonly RecordedWrite[]): Promise<{ changes: boolean[]; rows: object[] }> {
  await database.query('DELETE FROM runs');
  const changes: boolean[] = [];
  for (const one of writes) {
    const { sql, parameters } = writeStatement(one);
    changes.push((await database.query(sql, parameters)).length > 0);
  }
  return { changes, rows: await database.query('SELECT * FROM runs ORDER BY run_id') };
}

describe('recorded writes', () => {
  it('F09 do the same in PostgreSQL and SQLite, and nothing when repeated', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(write, { minLength: 1, maxLength: 6 }), async (writes) => {
        const left = await apply(postgres, writes);
        expect(await apply(sqlite, writes)).toEqual(left);
        const last = writes.at(-1) as RecordedWrite;
        const { sql, parameters } = writeStatement(last);
        expect(await sqlite.query(sql, parameters)).toEqual([]);
        expect(await sqlite.query('SELECT * FROM runs ORDER BY run_id')).toEqual(left.rows);
      }),
      { numRuns: 40 },
    );
  });

  it('C08 a lower token changes nothing, an equal or higher one does', async () => {
    const { changes, rows } = await apply(sqlite, [fenced(2, 'second'), fenced(1, 'stale'), fenced(2, 'again'), fenced(3, 'third')]);
    expect(changes).toEqual([true, false, true, true]);
    expect(rows).toEqual([{ run_id: 'f', token: 3, note: 'third' }]);
  });

  it('N07 names that are no plain identifiers are refused, so that none can carry SQL', () => {
    expect(() => writeStatement({ table: 'runs"; DROP TABLE runs; --', key: { run_id: 'a' }, row: {}, conflict: 'replace' })).toThrow(/no table or column name/);
    expect(() => writeStatement({ table: 'runs', key: {}, row: { a: 1 }, conflict: 'replace' })).toThrow(/no key/);
    expect(() => writeStatement({ table: 'runs', key: { run_id: 'a' }, row: { note: 'n' }, conflict: { tokenColumn: 'token' } })).toThrow(/token/);
  });

  it('F09 come out of the outbox as they went in', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.oneof(fc.string(), fc.integer(), fc.bigInt(), fc.boolean(), fc.constant(null))), (row) => {
        const one: RecordedWrite = { table: 't', key: { id: 1 }, row, conflict: 'replace' };
        expect(decodeWrite(encodeWrite(one))).toEqual({ ...one, row: { ...row } });
      }),
    );
  });

  it('F09 have one subject where a later one makes an earlier one superfluous, and only there', () => {
    const base: RecordedWrite = { table: 't', key: { id: 1 }, row: { a: 1, b: 2 }, conflict: 'replace' };
    expect(writeSubject({ ...base, row: { b: 9, a: 8 } })).toBe(writeSubject(base));
    expect(writeSubject({ ...base, row: { a: 1 } })).not.toBe(writeSubject(base));
    expect(writeSubject({ ...base, key: { id: 2 } })).not.toBe(writeSubject(base));
    expect(writeSubject({ ...base, conflict: 'keep-first' })).not.toBe(writeSubject(base));
  });
});

describe('isRead', () => {
  it('R08 takes for repeatable only what cannot write', () => {
    const reads = ['SELECT 1', '  select * from t', 'WITH x AS (SELECT 1) SELECT * FROM x', `SELECT 'delete from t'`, 'VALUES (1)'];
    const writes = ['INSERT INTO t VALUES (1)', 'WITH x AS (DELETE FROM t RETURNING 1) SELECT * FROM x', 'SELECT * FROM t FOR UPDATE', 'UPDATE t SET a = 1', 'CREATE TABLE t (a INT)', 'BEGIN'];
    expect(reads.filter((sql) => !isRead(sql))).toEqual([]);
    expect(writes.filter((sql) => isRead(sql))).toEqual([]);
  });
});
