/**
 * Writes fixtures/business/*.csv: a year of a made-up mail-order company, with what real exports
 * contain. `npx node scripts/make-business-data.ts`; the same bytes every time.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fxSheet, makeProducts, productSheets } from './business-data/catalogue.ts';
import { documentSheet, paymentSheets, shipmentSheet } from './business-data/fulfilment.ts';
import { articleSheet, officeSheets, riskSheet } from './business-data/office.ts';
import { makeCustomers, makeOrders } from './business-data/sales.ts';
import { aftersalesSheets, feedbackSheet, fraudSheet } from './business-data/service.ts';
import { inspectionSheet, marketplaceSheets, stockSheets } from './business-data/stock.ts';
import type { Cell, Sheet } from './business-data/world.ts';

function quote(cell: Cell): string {
  const text = cell === undefined ? '' : String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** RFC 4180, but with LF line ends as most exports have them. */
function toCsv({ table, rows }: Sheet): string {
  const columns = Object.keys(table.columns);
  const lines = [columns.join(','), ...rows.map((row) => columns.map((column) => quote(row[column])).join(','))];
  return `${lines.join('\n')}\n`;
}

/** File name → text. */
export function makeBusinessData(): Map<string, string> {
  const products = makeProducts();
  const customers = makeCustomers(380);
  const orders = makeOrders(2140, customers.list, products);
  const sheets = [
    fxSheet(),
    ...productSheets(products),
    customers.sheet,
    feedbackSheet(customers.list),
    ...orders.sheets,
    ...paymentSheets(orders.list),
    shipmentSheet(orders.list),
    documentSheet(orders.list),
    ...stockSheets(products),
    ...marketplaceSheets(products),
    ...aftersalesSheets(orders.list),
    inspectionSheet(products),
    ...officeSheets(),
    articleSheet(),
    fraudSheet(orders.list),
    riskSheet(),
  ];
  return new Map(sheets.map((one) => [`${one.table.name}.csv`, toCsv(one)]));
}

if (import.meta.main) {
  const folder = fileURLToPath(new URL('../fixtures/business/', import.meta.url));
  mkdirSync(folder, { recursive: true });
  for (const [file, text] of makeBusinessData()) writeFileSync(join(folder, file), text);
}
