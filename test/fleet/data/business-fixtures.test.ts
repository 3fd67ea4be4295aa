import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeBusinessData } from '../../../scripts/make-business-data.ts';
import type { SqlValue } from '../../../src/fleet/data/sql-database.ts';
import { tableNames } from '../../../src/fleet/data/tables/index.ts';
import { businessFolder, readGoodDataset } from '../../helpers/business-data.ts';

test('P01 the committed business data is what the script writes, byte for byte', async () => {
  const made = makeBusinessData();
  expect((await readdir(businessFolder)).toSorted()).toEqual([...made.keys()].toSorted());
  for (const [file, text] of made) expect(await readFile(join(businessFolder, file), 'utf8')).toBe(text);
});

test('P01 there is a file for every table, and the folder stays below 1.5 MB', async () => {
  const files = await readdir(businessFolder);
  expect(files.map((file) => file.replace('.csv', '')).toSorted()).toEqual(tableNames.toSorted());
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(businessFolder, file))).size));
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(1_500_000);
});

test('P01 the business data is a year of 2,000 orders and more, with what real exports contain', async () => {
  const dataset = await readGoodDataset();
  const orders = dataset.tables.get('orders');
  expect(orders?.rows.length).toBeGreaterThan(2_000);
  const column = (name: string): SqlValue[] => orders?.rows.map((row) => row[orders.columns.indexOf(name)] ?? null) ?? [];
  const [days, recorded] = [column('ordered_on').map(String), column('recorded_at')];
  expect(new Set(days.map((day) => day.slice(0, 7))).size).toBe(12);
  expect(new Set(column('currency')).size).toBeGreaterThanOrEqual(5);
  expect(column('channel')).toContain(null);
  expect(days.filter((day, index) => recorded[index] !== null && Date.parse(String(recorded[index] ?? '')) - Date.parse(day) > 14 * 86_400_000).length).toBeGreaterThan(20);
  expect(dataset.report.find(({ table }) => table === 'orders')?.duplicates).toBeGreaterThan(5);
  expect(dataset.tables.get('refunds')?.rows.length).toBeGreaterThan(100);
  const comments = dataset.tables.get('customer_feedback')?.rows.map((row) => row.at(-1));
  expect(comments).toContain('Arrived late.\nThe box was open, the mug "Jörg" was broken.');
  expect(comments).toContain('Nie polecam,\r\nzwrot trwał miesiąc');
});

test('P01 references of the business data hold: no row of it is rejected, no amount lacks a rate', async () => {
  const dataset = await readGoodDataset();
  expect(dataset.missingTables).toEqual([]);
  expect(dataset.missingColumns).toEqual([]);
  for (const report of dataset.report) {
    expect({ table: report.table, rejected: report.rejected, unconverted: report.without_rate }).toEqual({ table: report.table, rejected: [], unconverted: 0 });
    expect(report.rows_used + report.duplicates).toBe(report.rows_read);
  }
});
