import { documents } from '../../src/fleet/data/tables/documents.ts';
import { payments, refunds } from '../../src/fleet/data/tables/payment.ts';
import { shipments } from '../../src/fleet/data/tables/transport.ts';
import type { Order } from './sales.ts';
import { addDays, amount, chance, elementAt, id, known, priceIn, rootRng, sheet, weighted, withDuplicates, type RowOf, type Sheet } from './world.ts';

export function paymentSheets(orderList: readonly Order[]): Sheet[] {
  const rng = rootRng.fork('payments');
  const rows: RowOf<typeof payments>[] = [];
  const refundRows: RowOf<typeof refunds>[] = [];
  for (const order of orderList) {
    const { currency } = order;
    const pay = (status: string, day: string): string => {
      const paymentId = id('PAY', rows.length + 1, 5);
      rows.push({
        payment_id: paymentId,
        order_id: order.id,
        paid_on: day,
        method: chance(rng, 0.015) ? undefined : weighted(rng, [['card', 9], ['paypal', 5], ['invoice', 3], ['bank transfer', 2], ['Überweisung', 0.5]]),
        status,
        amount: amount(order.totalMinor, currency),
        fee: status !== 'captured' || chance(rng, 0.02) ? undefined : amount(Math.round(order.totalMinor * 0.014) + priceIn(25, currency) % 100, currency),
        currency,
      });
      return paymentId;
    };
    if (chance(rng, 0.05)) pay('failed', order.day);
    if (order.status === 'cancelled' && chance(rng, 0.5)) continue;
    const paidOn = known(addDays(order.day, weighted(rng, [[0, 8], [1, 2], [4, 1], [11, 1]])));
    const paymentId = paidOn === undefined ? pay('pending', order.day) : pay(chance(rng, 0.004) ? 'chargeback' : 'captured', paidOn);
    const refundedOn = known(addDays(paidOn ?? order.day, rng.integer(3, 35)));
    if (paidOn === undefined || refundedOn === undefined) continue;
    const whole = order.status === 'cancelled' || (order.status === 'returned' && chance(rng, 0.6));
    if (!whole && order.status !== 'returned' && !chance(rng, 0.012)) continue;
    const line = elementAt(order.lines, 0);
    refundRows.push({
      refund_id: id('RF', refundRows.length + 1),
      payment_id: paymentId,
      refunded_on: refundedOn,
      amount: amount(whole ? order.totalMinor : line.totalMinor, currency),
      currency,
      reason: rng.pick(['cancelled', 'damaged', 'zu spät', 'not as described, customer upset', 'goodwill', undefined]),
    });
  }
  return [sheet(payments, withDuplicates(rng, rows, 9)), sheet(refunds, withDuplicates(rng, refundRows, 2))];
}

const carriers = [['DHL', 5], ['Chronopost', 2], ['UPS', 3], ['Schweizerische Post', 1], ['InPost', 1]] as const;

export function shipmentSheet(orderList: readonly Order[]): Sheet {
  const rng = rootRng.fork('shipments');
  const rows: RowOf<typeof shipments>[] = [];
  for (const order of orderList) {
    if (order.status === 'cancelled' || order.status === 'placed') continue;
    const carrier = weighted(rng, carriers);
    const shippedOn = addDays(order.day, weighted(rng, [[0, 2], [1, 5], [2, 3], [3, 1]]));
    const abroad = order.customer.country.code === 'DE' ? 2 : 4;
    const promisedOn = addDays(shippedOn, abroad);
    const slow = carrier === 'Chronopost' ? 0.24 : 0.11;
    const deliveredOn = known(addDays(promisedOn, chance(rng, slow) ? rng.integer(1, 9) : -rng.integer(0, abroad - 1)));
    const lost = chance(rng, 0.004);
    const delivered = order.status !== 'shipped' && deliveredOn !== undefined && !lost;
    const weight = order.lines.reduce((sum, line) => sum + line.product.weightG * line.quantity, 0);
    rows.push({
      shipment_id: id('S', rows.length + 1, 5),
      order_id: order.id,
      carrier: chance(rng, 0.01) ? undefined : carrier,
      shipped_on: shippedOn,
      promised_on: chance(rng, 0.02) ? undefined : promisedOn,
      delivered_on: delivered && !chance(rng, 0.008) ? deliveredOn : undefined,
      status: lost ? 'lost' : delivered ? 'delivered' : 'in_transit',
      cost: amount(290 + abroad * 85 + Math.round(weight / 40), 'EUR'),
      currency: 'EUR',
      weight_g: chance(rng, 0.03) ? undefined : weight,
    });
  }
  return sheet(shipments, withDuplicates(rng, rows, 7));
}

export function documentSheet(orderList: readonly Order[]): Sheet {
  const rng = rootRng.fork('documents');
  const rows: RowOf<typeof documents>[] = [];
  for (const order of orderList) {
    if (order.status === 'cancelled' && chance(rng, 0.6)) continue;
    const voided = order.status === 'cancelled';
    const settledOn = known(addDays(order.day, weighted(rng, [[0, 5], [7, 3], [13, 2], [25, 1], [44, 0.5]])));
    const settled = !voided && settledOn !== undefined && !chance(rng, 0.03);
    rows.push({
      document_id: id('RE', rows.length + 1, 5),
      order_id: chance(rng, 0.01) ? undefined : order.id,
      kind: 'invoice',
      issued_on: order.day,
      due_on: chance(rng, 0.02) ? undefined : addDays(order.day, 14),
      settled_on: settled ? settledOn : undefined,
      status: voided ? 'void' : settled ? 'settled' : 'open',
      amount: amount(order.totalMinor, order.currency),
      currency: order.currency,
    });
    if (order.status !== 'returned') continue;
    const issuedOn = known(addDays(order.day, rng.integer(8, 30)));
    if (issuedOn === undefined) continue;
    rows.push({
      document_id: id('RE', rows.length + 1, 5),
      order_id: order.id,
      kind: 'credit_note',
      issued_on: issuedOn,
      due_on: undefined,
      settled_on: issuedOn,
      status: 'settled',
      amount: amount(elementAt(order.lines, 0).totalMinor, order.currency),
      currency: order.currency,
    });
  }
  return sheet(documents, withDuplicates(rng, rows, 5));
}
