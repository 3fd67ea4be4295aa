/**
 * Facts computed a second time from the CSV files alone: no SQL, and no code of ours but the agents that
 * are under test. Amounts are fractions of integers until they are rounded.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Fact } from '../../../../src/fleet/data/fact.ts';
import { businessAgents } from '../../../../src/fleet/agents/business/index.ts';
import { businessFolder, readGoodDataset, sqliteWith } from '../../../helpers/business-data.ts';
import type { SqliteDatabase } from '../../../helpers/sqlite-database.ts';

type Row = Record<string, string>;

/** Rows of a file, each once. */
function rowsOf(table: string): Row[] {
  const rows = parse<Row>(readFileSync(join(businessFolder, `${table}.csv`)), { columns: true });
  return [...new Map(rows.map((row) => [JSON.stringify(row), row])).values()];
}

const rates = rowsOf('fx_rates');

const fractionOf = (number: string): [bigint, bigint] => [BigInt(number.replace('.', '')), 10n ** BigInt(number.split('.')[1]?.length ?? 0)];

/** An amount of a row in euro cents, by school arithmetic. */
function euros(row: Row, column: string, day: string): number {
  const text = row[column] ?? '';
  if (text === '') return 0;
  if (row['currency'] === 'EUR') return Math.round(Number(text) * 100);
  const rate = rates.filter((one) => one['currency'] === row['currency'] && (one['valid_on'] ?? '') <= day).toSorted((a, b) => ((a['valid_on'] ?? '') < (b['valid_on'] ?? '') ? 1 : -1))[0];
  if (rate === undefined) throw new Error(`no rate for ${row['currency']} on ${day}`);
  const [amount, amountScale] = fractionOf(text);
  const [factor, factorScale] = fractionOf(rate['eur_per_unit'] ?? '');
  const scale = amountScale * factorScale;
  return Number((amount * factor * 100n * 2n + scale) / (2n * scale));
}

const sum = (numbers: number[]): number => numbers.reduce((total, number) => total + number, 0);
const days = (from: string, to: string): number => Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000);
const tally = (names: (string | undefined)[]): [string, number][] => {
  const counts = new Map<string, number>();
  for (const name of names) if (name !== undefined && name !== '') counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
};
const tenth = (part: number, whole: number): number => Math.round((part / whole) * 1_000) * 10;

let database: SqliteDatabase;
beforeAll(async () => {
  database = await sqliteWith(await readGoodDataset());
});
afterAll(() => database[Symbol.dispose]());

test.each([
  ['a year', '2025-01-01', '2025-12-31'],
  ['a quarter', '2025-07-01', '2025-09-30'],
  ['a day', '2025-11-28', '2025-11-28'],
])('F05 facts of %s are what the CSV files say, to the cent', async (_, from, to) => {
  const facts = new Map<string, Fact>();
  for (const agent of businessAgents) for (const fact of (await agent.facts(database, { from, to })).facts) facts.set(fact.id, fact);
  const within = (column: string) => (row: Row): boolean => (row[column] ?? '') >= from && (row[column] ?? '') <= to;

  const orders = rowsOf('orders').filter(within('ordered_on'));
  const sold = orders.filter((order) => order['status'] !== 'cancelled');
  const revenue = sum(sold.map((order) => euros(order, 'total', order['ordered_on'] ?? '')));
  const payments = rowsOf('payments').filter(within('paid_on'));
  const shipments = rowsOf('shipments').filter(within('shipped_on'));
  const judged = shipments.filter((one) => one['delivered_on'] !== '' && one['promised_on'] !== '');
  const delivered = shipments.filter((one) => one['delivered_on'] !== '');
  const refunds = rowsOf('refunds').filter(within('refunded_on'));
  const stock = rowsOf('inventory');
  const invoices = rowsOf('documents').filter((row) => within('issued_on')(row) && row['kind'] === 'invoice' && row['status'] !== 'void');
  const sales = rowsOf('marketplace_sales').filter(within('sold_on'));
  const inspections = rowsOf('inspections').filter(within('inspected_on'));
  const answers = rowsOf('customer_feedback').filter(within('given_on')).map((row) => Number(row['score']));
  const alerts = rowsOf('fraud_alerts').filter(within('raised_on'));
  const risks = rowsOf('risk_assessments').filter(within('assessed_on'));
  const costs = rowsOf('costs').filter(within('booked_on'));
  const lines = rowsOf('order_lines').filter(within('ordered_on'));
  const channels = new Map<string, number>();
  for (const order of sold) if (order['channel']) channels.set(order['channel'], (channels.get(order['channel']) ?? 0) + euros(order, 'total', order['ordered_on'] ?? ''));
  const topChannel = [...channels].toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0];
  const units = new Map<string, number>();
  for (const line of lines) if (line['description']) units.set(line['description'], (units.get(line['description']) ?? 0) + Number(line['quantity']));
  const bestSeller = [...units].toSorted((a, b) => b[1] - a[1] || (Buffer.from(a[0]).compare(Buffer.from(b[0]))))[0];

  const expected: Record<string, number | string | undefined> = {
    'order.count': orders.length,
    'order.revenue_total': revenue,
    'order.average_value': Math.round(revenue / sold.length),
    'order.cancelled_share': tenth(orders.length - sold.length, orders.length),
    'order.top_channel': topChannel?.[0],
    'order.top_channel_revenue': topChannel?.[1],
    'order.best_seller': bestSeller?.[0],
    'order.best_seller_units': bestSeller?.[1],
    'order.recorded_late': orders.filter((order) => order['recorded_at'] !== '' && days(order['ordered_on'] ?? '', (order['recorded_at'] ?? '').slice(0, 10)) > 7).length,
    'payment.attempts': payments.length,
    'payment.captured_total': sum(payments.filter((row) => row['status'] === 'captured').map((row) => euros(row, 'amount', row['paid_on'] ?? ''))),
    'payment.fees_total': sum(payments.map((row) => euros(row, 'fee', row['paid_on'] ?? ''))),
    'payment.top_method': tally(payments.map((row) => row['method']))[0]?.[0],
    'transport.shipments': shipments.length,
    'transport.cost_total': sum(shipments.map((row) => euros(row, 'cost', row['shipped_on'] ?? ''))),
    'transport.average_transit': Math.round((sum(delivered.map((row) => days(row['shipped_on'] ?? '', row['delivered_on'] ?? ''))) / delivered.length) * 10),
    'transport.on_time_share': tenth(judged.filter((row) => (row['delivered_on'] ?? '') <= (row['promised_on'] ?? '')).length, judged.length),
    'documents.invoiced_total': sum(invoices.map((row) => euros(row, 'amount', row['issued_on'] ?? ''))),
    'inventory.units': sum(stock.map((row) => Number(row['quantity']))),
    'inventory.value': sum(stock.map((row) => Number(row['quantity']) * euros(row, 'unit_cost', row['counted_on'] ?? ''))),
    'customer.count': rowsOf('customers').filter((row) => (row['registered_on'] ?? '') <= to).length,
    'backoffice.costs_total': costs.length === 0 ? undefined : sum(costs.map((row) => euros(row, 'amount', row['booked_on'] ?? ''))),
    'quality.inspections': inspections.length,
    'fraud.alerts': alerts.length,
    'risk.assessments': risks.length,
    'payment.refund_count': refunds.length,
    // Sums over nothing are no facts; on a single day some of these have nothing.
    'payment.refund_total': refunds.length === 0 ? undefined : sum(refunds.map((row) => euros(row, 'amount', row['refunded_on'] ?? ''))),
    'marketplace.gross_total': sales.length === 0 ? undefined : sum(sales.map((row) => euros(row, 'gross', row['sold_on'] ?? ''))),
    'marketplace.commission_total': sales.length === 0 ? undefined : sum(sales.map((row) => euros(row, 'commission', row['sold_on'] ?? ''))),
    'quality.defect_share': inspections.length === 0 ? undefined : tenth(sum(inspections.map((row) => Number(row['defects']))), sum(inspections.map((row) => Number(row['sample_size'])))),
    'customer.net_promoter': answers.length === 0 ? undefined : tenth(answers.filter((score) => score >= 9).length - answers.filter((score) => score <= 6).length, answers.length),
    'fraud.alerted_total': alerts.length === 0 ? undefined : sum(alerts.map((row) => euros(row, 'amount', row['raised_on'] ?? ''))),
    'risk.exposure_total': risks.length === 0 ? undefined : sum(risks.map((row) => euros(row, 'exposure', row['assessed_on'] ?? ''))),
  };
  expect(Object.fromEntries(Object.keys(expected).map((id) => [id, facts.get(id)?.value]))).toEqual(expected);
});

test('F05 the change of revenue is measured against the same number of days before', async () => {
  const [agent] = businessAgents;
  const orders = rowsOf('orders').filter((row) => row['status'] !== 'cancelled');
  const revenue = (from: string, to: string): number =>
    sum(orders.filter((row) => (row['ordered_on'] ?? '') >= from && (row['ordered_on'] ?? '') <= to).map((row) => euros(row, 'total', row['ordered_on'] ?? '')));
  const sheet = await agent.facts(database, { from: '2025-07-01', to: '2025-09-30' });
  const [now, before] = [revenue('2025-07-01', '2025-09-30'), revenue('2025-03-31', '2025-06-30')];
  expect(sheet.facts.find(({ id }) => id === 'order.revenue_change')?.value).toBe(tenth(now - before, before));
});
