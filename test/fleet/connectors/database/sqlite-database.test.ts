import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { SqliteDatabase } from '../../../../src/fleet/connectors/database/sqlite-database.ts';
import { rejection } from '../connector-harness.ts';
import { temporaryFolder } from './database-servers.ts';

describe('SqliteDatabase', () => {
  it('F02 reads PostgreSQL placeholders, in any order and more than once, and gives plain objects', async () => {
    const database = new SqliteDatabase({ file: ':memory:' });
    expect(await database.query(`SELECT $2 AS b, $1 AS a, $2 AS again, '$1' AS text, $3 AS flag`, [1, 'two', true])).toEqual([{ b: 'two', a: 1, again: 'two', text: '$1', flag: 1 }]);
    database.close();
  });

  it('F02 keeps statements of others out of a transaction under way', async () => {
    const database = new SqliteDatabase({ file: ':memory:' });
    await database.query('CREATE TABLE t (n BIGINT)');
    const gate = Promise.withResolvers<void>();
    const failing = rejection(
      database.transaction(async (tx) => {
        await tx.query('INSERT INTO t VALUES (1)');
        await gate.promise;
        throw new Error('rolled back');
      }),
    );
    const outside = database.query('INSERT INTO t VALUES (2)');
    const second = database.transaction(async (tx) => tx.query('INSERT INTO t VALUES (3)'));
    gate.resolve();
    expect((await failing).message).toBe('rolled back');
    await Promise.all([outside, second]);
    expect(await database.query('SELECT n FROM t ORDER BY n')).toEqual([{ n: 2 }, { n: 3 }]);
    database.close();
  });

  it('F09 sees the tables of an attached file, and refuses every write when read-only', async () => {
    await using folder = await temporaryFolder();
    const main = new SqliteDatabase({ file: join(folder.path, 'main.sqlite') });
    const other = new SqliteDatabase({ file: join(folder.path, 'other.sqlite') });
    await main.query('CREATE TABLE mine (n BIGINT)');
    await other.query('CREATE TABLE theirs (n BIGINT)');
    await other.query('INSERT INTO theirs VALUES (7)');
    const reader = new SqliteDatabase({ file: main.file, attach: other.file, readOnly: true });
    await main.query('INSERT INTO mine VALUES (1)');
    expect(await reader.query('SELECT mine.n AS a, theirs.n AS b FROM mine, theirs')).toEqual([{ a: 1, b: 7 }]);
    for (const sql of ['INSERT INTO mine VALUES (2)', 'DELETE FROM theirs', 'CREATE TABLE more (n BIGINT)']) {
      expect(await rejection(reader.query(sql))).toMatchObject({ code: 'DATABASE_UNRECORDED_WRITE' });
    }
    for (const database of [reader, main, other]) database.close();
  });

  it('N07 says which file is no database', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'notes.txt');
    await writeFile(file, 'this is not a database, however long it may be: '.repeat(100));
    expect(() => new SqliteDatabase({ file })).toThrow(expect.objectContaining({ code: 'DATABASE_FALLBACK_BROKEN', message: expect.stringContaining(file) }));
  });

  it('N07 an aborted call does not wait for the transaction before it', async () => {
    const database = new SqliteDatabase({ file: ':memory:' });
    const gate = Promise.withResolvers<void>();
    const held = database.transaction(() => gate.promise);
    const controller = new AbortController();
    const waiting = rejection(database.query('SELECT 1', [], { signal: controller.signal }));
    controller.abort(new Error('enough'));
    expect((await waiting).message).toBe('enough');
    gate.resolve();
    await held;
    database.close();
  });
});
