import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { businessTables } from '../../../src/fleet/data/tables/index.ts';
import { readGoodDataset } from '../../helpers/business-data.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const mapping = `
number_format: decimal-comma
date_format: DD.MM.YYYY
tables:
  orders:
    file: Bestellungen 2025.csv
    delimiter: ';'
    encoding: windows-1252
    columns:
      order_id: Nr
      customer_id: {column: Kunde}
      ordered_on: Datum
      recorded_at: {column: Erfasst, format: 'D.M.YYYY HH:mm'}
      total: Betrag
      status: {column: Stand, values: {offen: placed, 'geliefert, bezahlt': delivered}}
      channel: Kanal
    defaults:
      currency: EUR
      channel: web
  payments:
    file: zahlungen.csv
    columns:
      payment_id: id
      order_id: bestellung
      paid_on: {column: tag, format: YYYYMMDD}
      amount: {column: cent, format: minor-units}
`;

test('P01 a mapping turns other people’s tables into ours', async () => {
  const orders = 'Nr;Datum;Kunde;Betrag;Stand;Kanal;Erfasst;Bemerkung\nB1;31.01.2025;Müller;1.234,50;geliefert, bezahlt;;1.2.2025 08:30;egal\nB2;01.02.2025;Weiß;17;offen;Laden;;\n';
  await using folder = await tempFolder({
    'mapping.yaml': mapping,
    'Bestellungen 2025.csv': Buffer.from(orders, 'latin1'),
    'zahlungen.csv': 'id,bestellung,tag,cent,currency,fee\nZ1,B1,20250203,123450,EUR,"1,5"\n',
    'unrelated.csv': 'not read',
  });
  const dataset = await readGoodDataset(folder.path);
  expect(dataset.tables.get('orders')?.rows).toEqual([
    ['B1', 'Müller', '2025-01-31', '2025-02-01T08:30:00Z', 'delivered', 'web', null, 123_450, 123_450, 'EUR'],
    ['B2', 'Weiß', '2025-02-01', null, 'placed', 'Laden', null, 1_700, 1_700, 'EUR'],
  ]);
  // fee and currency are not mentioned, and taken from the columns of that name.
  expect(dataset.tables.get('payments')?.rows).toEqual([['Z1', 'B1', '2025-02-03', null, null, 123_450, 123_450, 150, 150, 'EUR']]);
  expect(dataset.missingColumns).toEqual(['orders.country', 'payments.method', 'payments.status']);
});

test('P01 another mapping of the same files is another dataset', async () => {
  const files = { 'orders.csv': 'order_id,customer_id,ordered_on,total\nO-1,C-1,2025-01-05,10.00\n' };
  const of = async (currency: string): Promise<string> => {
    await using folder = await tempFolder({ ...files, 'mapping.yaml': `tables: {orders: {file: orders.csv, defaults: {currency: ${currency}}}}` });
    return (await readGoodDataset(folder.path)).version;
  };
  expect(await of('EUR')).not.toBe(await of('USD'));
});

test('P01 the example of docs/data.md works as it is written there', async () => {
  const guide = await readFile(fileURLToPath(new URL('../../../docs/data.md', import.meta.url)), 'utf8');
  const blockOf = (language: string, nth: number): string => [...guide.matchAll(new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``, 'g'))][nth]?.[1] ?? '';
  await using folder = await tempFolder({ 'mapping.yaml': blockOf('yaml', 0), 'bestellungen.csv': blockOf('csv', 0), 'zahlungen.csv': blockOf('csv', 1) });
  const dataset = await readGoodDataset(folder.path);
  expect(dataset.report.map(({ table, rows_used, rows_rejected, duplicates }) => ({ table, rows_used, rows_rejected, duplicates }))).toEqual([
    { table: 'orders', rows_used: 2, rows_rejected: 1, duplicates: 1 },
    { table: 'payments', rows_used: 1, rows_rejected: 0, duplicates: 0 },
  ]);
  expect(guide).toContain(dataset.report[0]?.rejected[0]?.reason);
});

test('P01 docs/data.md names every table and every column', async () => {
  const guide = await readFile(fileURLToPath(new URL('../../../docs/data.md', import.meta.url)), 'utf8');
  for (const table of businessTables) {
    const line = guide.split('\n').find((text) => text.startsWith(`| \`${table.name}\``)) ?? '';
    for (const [column, { required }] of Object.entries(table.columns)) expect(line, `${table.name}.${column}`).toContain(required ? `**${column}**` : ` ${column}`);
  }
});
