import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { runCli, temporaryFolder } from '../helpers/cli.ts';

// Nothing of src is used here, and no SQL: the same figures by another road.

type Row = Record<string, string>;
const fixtures = fileURLToPath(new URL('../../fixtures/business', import.meta.url));
const from = '2025-07-01';
const to = '2025-09-30';
/** As long as the period (92 days), ending the day before it. */
const before = { from: '2025-03-31', to: '2025-06-30' };

/** A row that repeats another in every cell is one row. */
function table(name: string): Row[] {
  const rows = parse<Row>(readFileSync(join(fixtures, `${name}.csv`)), { columns: true, bom: true });
  return [...new Map(rows.map((row) => [JSON.stringify(row), row])).values()];
}

function within(rows: readonly Row[], column: string, first = from, last = to): Row[] {
  return rows.filter((row) => (row[column] as string) >= first && (row[column] as string) <= last);
}

interface Decimal {
  readonly digits: bigint;
  readonly scale: number;
}

function decimal(text: string): Decimal {
  const [whole = '', fraction = ''] = text.split('.');
  return { digits: BigInt(whole + fraction), scale: fraction.length };
}

/** Halves away from zero. */
function rounded(numerator: bigint, denominator: bigint): bigint {
  const half = numerator < 0n ? -denominator : denominator;
  return (2n * numerator + half) / (2n * denominator);
}

const rates = table('fx_rates');

/** Each amount by itself, with the newest rate of its own day or before, rounded to the cent. */
function euroCents(amount: string, currency: string, day: string): bigint {
  const { digits, scale } = decimal(amount);
  if (currency === 'EUR') return rounded(digits * 100n, 10n ** BigInt(scale));
  const valid = rates.filter((rate) => rate.currency === currency && (rate.valid_on as string) <= day);
  const newest = valid.toSorted((a, b) => (a.valid_on as string).localeCompare(b.valid_on as string)).at(-1);
  const rate = decimal(newest?.eur_per_unit as string);
  return rounded(digits * rate.digits * 100n, 10n ** BigInt(scale + rate.scale));
}

function sum(rows: readonly Row[], amount: string, day: string): bigint {
  return rows.filter((row) => row[amount] !== '').reduce((total, row) => total + euroCents(row[amount] as string, row.currency as string, row[day] as string), 0n);
}

function grouped(number: bigint, decimals: number): string {
  const text = String(number < 0n ? -number : number).padStart(decimals + 1, '0');
  const whole = Number(text.slice(0, text.length - decimals)).toLocaleString('en-US');
  return `${number < 0n ? '-' : ''}${whole}${decimals === 0 ? '' : `.${text.slice(-decimals)}`}`;
}

const count = (rows: readonly Row[]): string => grouped(BigInt(rows.length), 0);
const euros = (cents: bigint): string => `${grouped(cents, 2)} EUR`;
const percent = (part: bigint | number, whole: bigint | number): string => `${grouped(rounded(BigInt(part) * 1_000n, BigInt(whole)), 1)} %`;

function expectedFacts(): Record<string, string> {
  const allOrders = table('orders');
  const orders = within(allOrders, 'ordered_on');
  const sold = orders.filter((order) => order.status !== 'cancelled');
  const soldBefore = within(allOrders, 'ordered_on', before.from, before.to).filter((order) => order.status !== 'cancelled');
  const revenue = sum(sold, 'total', 'ordered_on');
  const revenueBefore = sum(soldBefore, 'total', 'ordered_on');
  const payments = within(table('payments'), 'paid_on');
  const refunds = within(table('refunds'), 'refunded_on');
  const shipments = within(table('shipments'), 'shipped_on');
  const judged = shipments.filter((shipment) => shipment.delivered_on !== '' && shipment.promised_on !== '');
  const punctual = judged.filter((shipment) => (shipment.delivered_on as string) <= (shipment.promised_on as string));
  const stock = table('inventory').reduce((total, row) => total + BigInt(row.quantity as string) * euroCents(row.unit_cost as string, row.currency as string, row.counted_on as string), 0n);
  const answers = within(table('customer_feedback'), 'given_on').map((row) => Number(row.score));
  const promoters = answers.filter((score) => score >= 9).length;
  const detractors = answers.filter((score) => score <= 6).length;
  return {
    'order.count': count(orders),
    'order.revenue_total': euros(revenue),
    'order.average_value': euros(rounded(revenue, BigInt(sold.length))),
    'order.revenue_change': percent(revenue - revenueBefore, revenueBefore),
    'order.cancelled_share': percent(orders.length - sold.length, orders.length),
    'payment.captured_total': euros(
      sum(
        payments.filter((payment) => payment.status === 'captured'),
        'amount',
        'paid_on',
      ),
    ),
    'payment.fees_total': euros(sum(payments, 'fee', 'paid_on')),
    'payment.refund_total': euros(sum(refunds, 'amount', 'refunded_on')),
    'transport.cost_total': euros(sum(shipments, 'cost', 'shipped_on')),
    'transport.on_time_share': percent(punctual.length, judged.length),
    'inventory.value': euros(stock),
    'customer.net_promoter': percent(promoters - detractors, answers.length),
  };
}

describe('facts of a report', () => {
  it('F05 ten facts and more, computed from the CSV files without SQL, stand in the report to the cent', async () => {
    await using folder = await temporaryFolder();
    const { exitCode, stderr } = await runCli(['run', '--quiet', '--jobs', '1', '--out', 'run', '--question', 'How is the business doing overall?', '--from', from, '--to', to], { cwd: folder.path });
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
    const reports = join(folder.path, 'run', 'reports');
    const { facts } = JSON.parse(await readFile(join(reports, 'job-1.json'), 'utf8')) as { facts: { id: string; label: string; display: string }[] };
    const figures = (await readFile(join(reports, 'job-1.md'), 'utf8')).split('\n').filter((line) => line.startsWith('| ')).map((line) => line.split(' | '));
    const expected = expectedFacts();
    expect(Object.keys(expected).length).toBeGreaterThanOrEqual(10);
    // The label that the report gives to a fact leads to its line, and there stands the value.
    const found = Object.keys(expected).map((id) => {
      const label = facts.find((fact) => fact.id === id)?.label;
      return [id, figures.find(([first]) => first === `| ${label}`)?.[2]?.trim()];
    });
    expect(Object.fromEntries(found)).toEqual(expected);
    // Several currencies and rows that occur twice are in what was summed: without them the test would show less.
    expect(new Set(within(table('orders'), 'ordered_on').map((order) => order.currency)).size).toBeGreaterThan(3);
    expect(table('orders').length).toBeLessThan(parse(readFileSync(join(fixtures, 'orders.csv')), { columns: true }).length);
  });
});
