import { currency, date, defineTable, key, money, optionalChoice, optionalDate, optionalInteger, optionalText, reference } from '../table.ts';

export const shipments = defineTable({
  name: 'shipments',
  owner: 'transport',
  summary: 'Parcels on their way to customers',
  holds: 'events',
  key: 'shipment_id',
  dated: 'shipped_on',
  columns: {
    shipment_id: key,
    order_id: reference('orders'),
    carrier: optionalText,
    shipped_on: date,
    promised_on: optionalDate,
    delivered_on: optionalDate,
    status: optionalChoice('in_transit', 'delivered', 'lost', 'returned_to_sender'),
    cost: money,
    currency,
    weight_g: optionalInteger(0, 10_000_000),
  },
});
