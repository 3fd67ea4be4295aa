import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadDataset } from '../../../src/fleet/data/load-dataset.ts';
import type { Dataset } from '../../../src/fleet/data/dataset.ts';
import type { SqlDatabase } from '../../../src/fleet/data/sql-database.ts';
import { translatePlaceholders } from '../../../src/fleet/data/sql-database.ts';
import { readGoodDataset } from '../../helpers/business-data.ts';
import { PgliteDatabase } from '../../helpers/pglite-database.ts';
import { SqliteDatabase } from '../../helpers/sqlite-database.ts';

let dataset: Dataset;
let pglite: PgliteDatabase;
let sqlite: SqliteDatabase;
beforeAll(async () => {
  [dataset, pglite] = await Promise.all([readGoodDataset(), PgliteDatabase.create()]);
  sqlite = new SqliteDatabase();
});
afterAll(async () => {
  sqlite[Symbol.dispose]();
  await pglite[Symbol.asyncDispose]();
});

function changed(version: string): Dataset {
  const orders = dataset.tables.get('orders');
  if (orders === undefined) throw new Error('no orders');
  return { ...dataset, version, tables: new Map([['orders', { ...orders, rows: orders.rows.slice(0, 7) }]]), missingTables: ['payments'], missingColumns: ['orders.channel'] };
}

describe.each(['postgres', 'sqlite'] as const)('%s', (dialect) => {
  const database = (): SqlDatabase => (dialect === 'postgres' ? pglite : sqlite);
  const count = async (table: string): Promise<number> => ((await database().query<{ n: number }>(`SELECT COUNT(*) AS n FROM ${table}`))[0] as { n: number }).n;

  test('F05 every row arrives as it was read', async () => {
    expect(await loadDataset(database(), dataset)).toMatchObject({ loaded: true });
    for (const { spec, columns, rows } of dataset.tables.values()) {
      const stored = await database().query<Record<string, unknown>>(`SELECT * FROM ${spec.name} ORDER BY ${spec.key}`);
      const keyIndex = columns.indexOf(spec.key);
      const sorted = rows.toSorted((a, b) => (Buffer.from(String(a[keyIndex])).compare(Buffer.from(String(b[keyIndex])))));
      expect(stored.map((row) => columns.map((column) => row[column]))).toEqual(sorted);
    }
  });

  test('F05 the same version is loaded once', async () => {
    await loadDataset(database(), dataset);
    await database().query("UPDATE orders SET status = 'touched' WHERE order_id = 'O-10001'");
    expect(await loadDataset(database(), dataset)).toMatchObject({ loaded: false });
    expect(await database().query("SELECT status FROM orders WHERE order_id = 'O-10001'")).toEqual([{ status: 'touched' }]);
  });

  test('F05 another version replaces it whole, and says what it lacks', async () => {
    await loadDataset(database(), dataset);
    expect(await loadDataset(database(), changed('v2'))).toEqual({ loaded: true, rows: 7 });
    expect([await count('orders'), await count('payments')]).toEqual([7, 0]);
    expect(await database().query('SELECT name, reason FROM netra_dataset_gaps ORDER BY name')).toEqual([
      { name: 'orders.channel', reason: 'column absent' },
      { name: 'payments', reason: 'table absent' },
    ]);
    expect(await loadDataset(database(), dataset)).toMatchObject({ loaded: true });
    expect(await database().query('SELECT name FROM netra_dataset_gaps')).toEqual([]);
  });

  test('F05 a load that fails leaves the old data as it was', async () => {
    await loadDataset(database(), dataset);
    const before = await count('orders');
    const broken = changed('v3');
    const orders = broken.tables.get('orders');
    if (orders === undefined) throw new Error('no orders');
    const twice = { ...broken, tables: new Map([['orders', { ...orders, rows: [...orders.rows, ...orders.rows] }]]) };
    await expect(loadDataset(database(), twice)).rejects.toThrow(/unique/i);
    expect(await count('orders')).toBe(before);
    expect(await database().query('SELECT version FROM netra_dataset')).toEqual([{ version: dataset.version }]);
  });

  test('N07 a load that is told to stop stops, and changes nothing', async () => {
    await loadDataset(database(), dataset);
    await expect(loadDataset(database(), changed('v4'), AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
    expect(await database().query('SELECT version FROM netra_dataset')).toEqual([{ version: dataset.version }]);
  });
});

test('F05 loading takes few round trips: less than three statements a table', async () => {
  using database = new SqliteDatabase();
  await loadDataset(database, dataset);
  expect(database.statements.length).toBeLessThan(dataset.tables.size * 3 + 10);
});

test('F05 placeholders are translated outside of texts only', () => {
  expect(translatePlaceholders("SELECT $1, '$2 and ''$3''', $10")).toBe("SELECT ?1, '$2 and ''$3''', ?10");
});
