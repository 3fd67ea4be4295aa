import { expect, test } from 'vitest';
import { Problems } from '../../../src/core/problems.ts';
import { readDataset } from '../../../src/fleet/data/read-dataset.ts';
import { readGoodDataset } from '../../helpers/business-data.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const header = 'order_id,customer_id,ordered_on,recorded_at,status,channel,country,total,currency';
const customers = 'customer_id,name,registered_on\nC-1,Ann,2024-01-01\nC-2,"Bo, jr.",2024-02-01\n';

async function readOrders(text: string | Uint8Array, others: Record<string, string> = {}) {
  await using folder = await tempFolder({ 'orders.csv': text, ...others });
  const dataset = await readGoodDataset(folder.path);
  const report = dataset.report.find(({ table }) => table === 'orders');
  if (report === undefined) throw new Error('no report on orders');
  return { dataset, report, rows: dataset.tables.get('orders')?.rows ?? [], rejected: report.rejected.map(({ line, column, reason }) => ({ line, column, reason })) };
}

test.each([
  ['as it should be', `${header}\nO-1,C-1,2025-01-05,2025-01-05T10:00:00Z,placed,"a, b",DE,1234.50,EUR\n`],
  ['with a byte order mark', `\uFEFF${header}\nO-1,C-1,2025-01-05,2025-01-05T10:00:00Z,placed,"a, b",DE,1234.50,EUR\n`],
  ['with CRLF', `${header}\r\nO-1,C-1,2025-01-05,2025-01-05T10:00:00Z,placed,"a, b",DE,1234.50,EUR\r\n`],
  ['with semicolons', `${header.replaceAll(',', ';')}\nO-1;C-1;2025-01-05;2025-01-05T10:00:00Z;placed;a, b;DE;1,234.50;EUR`],
  ['with tabs', `${header.replaceAll(',', '\t')}\nO-1\tC-1\t2025-01-05\t2025-01-05T12:00:00+02:00\tplaced\ta, b\tDE\t1234.5\tEUR`],
  ['with another order of columns, in quotes', `"total","currency","order_id","customer_id","ordered_on","recorded_at","status","channel","country"\n"1234.50",EUR,O-1,C-1,2025-01-05 23:59,2025-01-05 10:00,placed,"a, b",DE\n`],
])('N07 a file %s gives the same row', async (_, text) => {
  const { rows, report } = await readOrders(text);
  expect(rows).toEqual([['O-1', 'C-1', '2025-01-05', '2025-01-05T10:00:00Z', 'placed', 'a, b', 'DE', 123_450, 123_450, 'EUR']]);
  expect(report).toMatchObject({ rows_read: 1, rows_used: 1, rows_rejected: 0, duplicates: 0 });
});

test('N07 every row that cannot be used is listed with its line, its column and the reason', async () => {
  const { rejected, report } = await readOrders(
    [
      header,
      'O-1,C-1,2025-01-05,,placed,"two\nlines",DE,10.00,EUR',
      ',C-1,2025-01-05,,placed,web,DE,10.00,EUR',
      'O-3,C-1,2025-02-30,,placed,web,DE,10.00,EUR',
      'O-4,C-1,05.01.2025,,placed,web,DE,10.00,EUR',
      'O-5,C-1,2025-01-05,,placed,web,DE,"10,00",EUR',
      '',
      'O-6,C-1,2025-01-05,,placed,web,DE,10.00,EURO',
      'O-7,C-9,2025-01-05,,placed,web,DE,10.00,EUR',
      'O-8,C-1,2025-01-05,,lost,web,DE,10.00,EUR',
      'O-9,C-1,2025-01-05,,placed,web,DE,10.005,EUR',
      'O-10,C-1,2025-01-05,,placed,web,DE,10.5,JPY',
      'O-11,C-1,2025-01-05,,placed,web,DE,10.00',
      'O-12,C-1,2025-01-05,,placed,27" screen,DE,10.00,EUR',
      'O-1,C-2,2025-01-05,,placed,web,DE,10.00,EUR',
      'O-13,C-1,2025-01-05,,placed,web,DE,,EUR',
      'O-14,C-1,2025-01-05,,placed,web,DE,10.00,',
      'O-15,C-2,2025-01-05,,placed,web,DE,10.00,EUR',
    ].join('\r\n'),
    { 'customers.csv': customers },
  );
  expect(rejected).toEqual([
    { line: 4, column: 'order_id', reason: 'is empty, and a row without it cannot be used' },
    { line: 5, column: 'ordered_on', reason: '"2025-02-30" is no date of the form YYYY-MM-DD' },
    { line: 6, column: 'ordered_on', reason: '"05.01.2025" is no date of the form YYYY-MM-DD' },
    { line: 7, column: 'total', reason: '"10,00" is no number' },
    { line: 9, column: 'currency', reason: '"EURO" is no ISO 4217 currency code' },
    { line: 10, column: 'customer_id', reason: '"C-9" is not among the usable rows of customers' },
    { line: 11, column: 'status', reason: '"lost" is none of placed, shipped, delivered, cancelled, returned' },
    { line: 12, column: 'total', reason: '"10.005" has more decimals than EUR (2)' },
    { line: 13, column: 'total', reason: '"10.5" has more decimals than JPY (0)' },
    { line: 14, column: '', reason: 'has 8 cells, the header has 9' },
    { line: 15, column: '', reason: 'a quote stands inside a cell that does not begin with one' },
    { line: 16, column: 'order_id', reason: '"O-1" was already used on line 2, with other contents' },
    { line: 17, column: 'total', reason: 'is empty, and a row without it cannot be used' },
    { line: 18, column: 'currency', reason: 'is empty, and a row without it cannot be used' },
  ]);
  expect(report).toMatchObject({ rows_read: 16, rows_used: 2, rows_rejected: 14, duplicates: 0 });
});

test('N07 only the first rejected rows are listed, but all are counted', async () => {
  const bad = Array.from({ length: 50 }, (_, index) => `O-${index},C-1,never,,placed,web,DE,10.00,EUR`);
  const { report } = await readOrders([header, ...bad].join('\n'));
  expect(report.rows_rejected).toBe(50);
  expect(report.rejected.map(({ line }) => line)).toEqual(Array.from({ length: 20 }, (_, index) => index + 2));
});

test('N07 exact repetitions are taken once and counted', async () => {
  const row = 'O-1,C-1,2025-01-05,,placed,web,DE,10.00,EUR';
  const { report, rows } = await readOrders([header, row, row, row].join('\n'));
  expect(rows).toHaveLength(1);
  expect(report).toMatchObject({ rows_read: 3, rows_used: 1, duplicates: 2, rows_rejected: 0 });
});

test('N07 a rejected row takes those that refer to it along', async () => {
  const lines = 'line_id,order_id,product_id,ordered_on,quantity,unit_price,line_total,currency\nL-1,O-1,P-1,2025-01-05,1,10.00,10.00,EUR\n';
  const { dataset } = await readOrders(`${header}\nO-1,C-1,never,,placed,web,DE,10.00,EUR\nO-2,C-1,2025-01-05,,placed,web,DE,10.00,EUR`, { 'order_lines.csv': lines });
  expect(dataset.report.find(({ table }) => table === 'order_lines')?.rejected).toMatchObject([{ line: 2, column: 'order_id', reason: '"O-1" is not among the usable rows of orders' }]);
});

test('D05 absent tables and columns are missing data, and references to them are not checked', async () => {
  await using folder = await tempFolder({ 'orders.csv': 'order_id,customer_id,ordered_on,total,currency\nO-1,C-77,2025-01-05,10.00,USD\n' });
  const dataset = await readGoodDataset(folder.path);
  expect(dataset.missingTables).toContain('customers');
  expect(dataset.missingTables).not.toContain('orders');
  expect(dataset.missingColumns).toEqual(['orders.recorded_at', 'orders.status', 'orders.channel', 'orders.country']);
  expect(dataset.tables.get('orders')?.rows).toEqual([['O-1', 'C-77', '2025-01-05', null, null, null, null, 1000, null, 'USD']]);
  expect(dataset.report[0]?.without_rate).toBe(1);
});

const order = (id: string, day: string, total: string, currency: string): string => `O-${id},C-1,${day},,placed,web,DE,${total},${currency}`;

test('F05 amounts are converted by the rate of their own day', async () => {
  const rates = 'rate_id,currency,valid_on,eur_per_unit\n1,USD,2025-02-01,0.905\n2,USD,2025-01-01,0.5\n3,JPY,2025-01-01,0.00615\n';
  const { rows } = await readOrders(
    [header, order('1', '2024-12-31', '10.00', 'USD'), order('2', '2025-01-31', '10.01', 'USD'), order('3', '2025-02-01', '0.10', 'USD'), order('4', '2025-03-01', '1000', 'JPY'), order('5', '2025-03-01', '-0.10', 'USD')].join('\n'),
    { 'fx_rates.csv': rates },
  );
  // 10.01 × 0.5 = 5.005 and 0.10 × 0.905 = 0.0905: halves go away from zero.
  expect(rows.map((row) => row[8])).toEqual([null, 501, 9, 615, -9]);
});

test('N07 the version is of the content: the same for a copy, another for a changed cell', async () => {
  const text = `${header}\nO-1,C-1,2025-01-05,,placed,web,DE,10.00,EUR\n`;
  const [first, copy, changed] = [await readOrders(text), await readOrders(text), await readOrders(text.replace('10.00', '10.01'))];
  expect(copy.dataset.version).toBe(first.dataset.version);
  expect(changed.dataset.version).not.toBe(first.dataset.version);
});

test('N07 reading stops when it is told to', async () => {
  await using folder = await tempFolder({ 'orders.csv': `${header}\n` });
  await expect(readDataset(folder.path, new Problems(), AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
});
