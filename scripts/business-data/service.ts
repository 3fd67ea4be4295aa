import { returns, tickets } from '../../src/fleet/data/tables/aftersales.ts';
import { customerFeedback } from '../../src/fleet/data/tables/customer.ts';
import { fraudAlerts } from '../../src/fleet/data/tables/fraud.ts';
import type { Customer, Order } from './sales.ts';
import { addDays, amount, anyDay, chance, elementAt, id, known, rootRng, sheet, weighted, withDuplicates, type RowOf, type Sheet } from './world.ts';

const comments = [
  'Sehr schön verpackt, gerne wieder!',
  'Arrived late.\nThe box was open, the mug "Jörg" was broken.',
  'Très bien, merci',
  '"Never again", she said; I agree',
  'すごく良い',
  'Good, but expensive',
  'Nie polecam,\r\nzwrot trwał miesiąc',
  undefined,
  undefined,
];

export function feedbackSheet(customerList: readonly Customer[]): Sheet {
  const rng = rootRng.fork('feedback');
  const rows: RowOf<typeof customerFeedback>[] = [];
  const days = Array.from({ length: 420 }, () => anyDay(rng)).toSorted();
  for (const day of days) {
    let customer = rng.pick(customerList);
    while (customer.registeredOn > day) customer = rng.pick(customerList);
    rows.push({
      feedback_id: id('FB', rows.length + 1),
      customer_id: customer.id,
      given_on: day,
      score: weighted(rng, [[10, 6], [9, 6], [8, 4], [7, 3], [6, 2], [5, 1], [3, 1], [1, 1], [0, 0.5]]),
      comment: rng.pick(comments),
    });
  }
  return sheet(customerFeedback, withDuplicates(rng, rows, 3));
}

export function aftersalesSheets(orderList: readonly Order[]): Sheet[] {
  const rng = rootRng.fork('aftersales');
  const returnRows: RowOf<typeof returns>[] = [];
  const ticketRows: RowOf<typeof tickets>[] = [];
  for (const order of orderList) {
    const line = elementAt(order.lines, 0);
    if (order.status === 'returned') {
      const requestedOn = known(addDays(order.day, rng.integer(5, 22)));
      if (requestedOn !== undefined) {
        const receivedOn = chance(rng, 0.1) ? undefined : known(addDays(requestedOn, rng.integer(3, 14)));
        returnRows.push({
          return_id: id('RT', returnRows.length + 1),
          order_id: order.id,
          product_id: chance(rng, 0.04) ? undefined : line.product.id,
          requested_on: requestedOn,
          received_on: receivedOn,
          reason: chance(rng, 0.05) ? undefined : weighted(rng, [['does not fit', 3], ['damaged', 3], ['changed my mind', 4], ['wrong item', 2], ['gefällt nicht', 1]]),
          status: receivedOn === undefined ? 'requested' : chance(rng, 0.9) ? 'refunded' : 'rejected',
          value: amount(line.totalMinor, order.currency),
          currency: order.currency,
        });
      }
    }
    if (!chance(rng, order.status === 'returned' ? 0.5 : 0.13)) continue;
    const openedOn = known(addDays(order.day, rng.integer(1, 20)));
    if (openedOn === undefined) continue;
    const closedOn = chance(rng, 0.04) ? undefined : known(addDays(openedOn, weighted(rng, [[0, 4], [1, 5], [2, 3], [5, 2], [12, 1]])));
    ticketRows.push({
      ticket_id: id('T', ticketRows.length + 1),
      customer_id: order.customer.id,
      order_id: chance(rng, 0.08) ? undefined : order.id,
      opened_on: openedOn,
      closed_on: closedOn,
      topic: chance(rng, 0.03) ? undefined : weighted(rng, [['delivery', 5], ['return', 3], ['payment', 2], ['product', 3], ['Rechnung', 1]]),
      priority: weighted(rng, [['normal', 6], ['low', 2], ['high', 1]]),
      satisfaction: closedOn === undefined || chance(rng, 0.45) ? undefined : weighted(rng, [[5, 5], [4, 4], [3, 2], [2, 1], [1, 1]]),
      subject: rng.pick(['Wo ist mein Paket?', `Order ${order.id}, please help`, 'Rückgabe "defekt"', 'Facture manquante', undefined]),
    });
  }
  return [sheet(returns, withDuplicates(rng, returnRows, 2)), sheet(tickets, withDuplicates(rng, ticketRows, 4))];
}

export function fraudSheet(orderList: readonly Order[]): Sheet {
  const rng = rootRng.fork('fraud');
  const rows: RowOf<typeof fraudAlerts>[] = [];
  for (const order of orderList) {
    if (!chance(rng, 0.045)) continue;
    const score = 35 + Math.floor(rng.next() * 66);
    const closedOn = chance(rng, 0.07) ? undefined : known(addDays(order.day, rng.integer(0, 9)));
    rows.push({
      alert_id: id('FA', rows.length + 1),
      order_id: order.id,
      raised_on: order.day,
      closed_on: closedOn,
      rule: chance(rng, 0.03) ? undefined : rng.pick(['velocity', 'address mismatch', 'stolen card list', 'unusual basket, high value', 'new device']),
      score,
      outcome: closedOn === undefined ? 'open' : score > 74 && chance(rng, 0.6) ? 'confirmed' : 'false_alarm',
      amount: amount(order.totalMinor, order.currency),
      currency: order.currency,
    });
  }
  return sheet(fraudAlerts, withDuplicates(rng, rows, 1));
}
