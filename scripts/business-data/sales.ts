import { customers } from '../../src/fleet/data/tables/customer.ts';
import { orderLines, orders } from '../../src/fleet/data/tables/order.ts';
import type { Product } from './catalogue.ts';
import { YEAR_END, addDays, amount, chance, countries, id, known, priceIn, rootRng, sheet, weighted, withDuplicates, type Country, type RowOf, type Sheet } from './world.ts';

export interface Customer {
  readonly id: string;
  readonly name: string;
  readonly country: Country;
  readonly registeredOn: string;
}

export interface Order {
  readonly id: string;
  readonly customer: Customer;
  readonly day: string;
  readonly status: string;
  readonly currency: string;
  readonly totalMinor: number;
  readonly lines: readonly { readonly product: Product; readonly quantity: number; readonly totalMinor: number }[];
}

export function makeCustomers(count: number): { list: Customer[]; sheet: Sheet } {
  const rng = rootRng.fork('customers');
  const list: Customer[] = [];
  const rows: RowOf<typeof customers>[] = [];
  for (let number = 1; number <= count; number++) {
    const country = weighted(rng, countries.map((one) => [one, one.weight] as const));
    const company = chance(rng, 0.18);
    const person = rng.pick(country.people);
    const name = company ? rng.pick([`${person.split(' ').at(-1)} & Söhne, GmbH`, `Café ${person.split(' ')[0]}`, `${person}, Inc.`]) : person;
    const customer = { id: id('C', number), name, country, registeredOn: addDays('2023-01-01', Math.floor(rng.next() ** 0.7 * 1090)) };
    list.push(customer);
    rows.push({
      customer_id: customer.id,
      name,
      email: chance(rng, 0.09) ? undefined : `kunde${number}@example.${country.code.toLowerCase()}`,
      city: chance(rng, 0.04) ? undefined : rng.pick(country.cities),
      country: country.code,
      segment: chance(rng, 0.03) ? undefined : company ? rng.pick(['business', 'business', 'reseller']) : 'consumer',
      registered_on: customer.registeredOn,
      marketing_consent: chance(rng, 0.06) ? undefined : chance(rng, 0.58) ? 'true' : 'false',
    });
  }
  return { list, sheet: sheet(customers, withDuplicates(rng, rows, 3)) };
}

/** More in November and December, fewer in summer. */
const monthWeights = [7, 7, 8, 8, 8, 7, 6, 6, 8, 9, 13, 13].map((weight, month) => [month, weight] as const);

function orderDay(rng: typeof rootRng): string {
  const month = weighted(rng, monthWeights);
  const days = new Date(Date.UTC(2025, month + 1, 0)).getUTCDate();
  return `2025-${String(month + 1).padStart(2, '0')}-${String(rng.integer(1, days)).padStart(2, '0')}`;
}

function orderStatus(rng: typeof rootRng, day: string): string {
  if (chance(rng, 0.045)) return 'cancelled';
  if (addDays(day, 3) > YEAR_END) return 'placed';
  if (addDays(day, 9) > YEAR_END) return 'shipped';
  return chance(rng, 0.06) ? 'returned' : 'delivered';
}

export function makeOrders(count: number, customerList: readonly Customer[], productList: readonly Product[]): { list: Order[]; sheets: Sheet[] } {
  const rng = rootRng.fork('orders');
  const popular = productList.map((product, index) => [product, 1 + 30 / (1 + ((index * 7) % productList.length))] as const);
  const days = Array.from({ length: count }, () => orderDay(rng)).toSorted();
  const list: Order[] = [];
  const rows: RowOf<typeof orders>[] = [];
  const lateRows: RowOf<typeof orders>[] = [];
  const lineRows: RowOf<typeof orderLines>[] = [];
  days.forEach((day, index) => {
    let customer = rng.pick(customerList);
    while (customer.registeredOn > day) customer = rng.pick(customerList);
    const currency = customer.country.currency;
    const orderId = id('O', 10_001 + index, 5);
    const lines = Array.from({ length: weighted(rng, [[1, 5], [2, 4], [3, 2], [4, 1]]) }, () => {
      const product = weighted(rng, popular);
      const quantity = weighted(rng, [[1, 12], [2, 4], [3, 2], [6, 1], [12, 0.3]]);
      const unitMinor = priceIn(product.eurCents, currency);
      const discountBp = chance(rng, 0.12) ? rng.pick([500, 1000, 1250, 2000]) : undefined;
      const totalMinor = Math.round((quantity * unitMinor * (10_000 - (discountBp ?? 0))) / 10_000);
      lineRows.push({
        line_id: id('L', lineRows.length + 1, 5),
        order_id: orderId,
        product_id: product.id,
        ordered_on: day,
        description: chance(rng, 0.02) ? undefined : product.name,
        quantity,
        unit_price: amount(unitMinor, currency),
        discount: discountBp === undefined ? undefined : discountBp / 100,
        line_total: amount(totalMinor, currency),
        currency,
      });
      return { product, quantity, totalMinor };
    });
    const order: Order = { id: orderId, customer, day, status: orderStatus(rng, day), currency, totalMinor: lines.reduce((sum, line) => sum + line.totalMinor, 0), lines };
    list.push(order);
    const late = known(addDays(day, rng.integer(15, 80)));
    const isLate = late !== undefined && chance(rng, 0.02);
    (isLate ? lateRows : rows).push({
      order_id: orderId,
      customer_id: customer.id,
      ordered_on: day,
      recorded_at: chance(rng, 0.01) ? undefined : `${isLate ? late : day}T${String(rng.integer(6, 22)).padStart(2, '0')}:${String(rng.integer(0, 59)).padStart(2, '0')}:00Z`,
      status: order.status,
      channel: chance(rng, 0.025) ? undefined : weighted(rng, [['web', 10], ['app', 6], ['marketplace', 4], ['téléphone', 1], ['store', 2]]),
      country: customer.country.code,
      total: amount(order.totalMinor, currency),
      currency,
    });
  });
  return { list, sheets: [sheet(orders, withDuplicates(rng, [...rows, ...lateRows], 14)), sheet(orderLines, withDuplicates(rng, lineRows, 11))] };
}
