import { currency, date, defineTable, key, money, optionalChoice, optionalDate, optionalInteger, optionalReference, optionalText, reference } from '../table.ts';

export const returns = defineTable({
  name: 'returns',
  owner: 'aftersales',
  summary: 'Goods that customers send back',
  holds: 'events',
  key: 'return_id',
  dated: 'requested_on',
  columns: {
    return_id: key,
    order_id: reference('orders'),
    product_id: optionalReference('products'),
    requested_on: date,
    received_on: optionalDate,
    reason: optionalText,
    status: optionalChoice('requested', 'received', 'refunded', 'rejected'),
    value: money,
    currency,
  },
});

export const tickets = defineTable({
  name: 'tickets',
  owner: 'aftersales',
  summary: 'Questions and complaints',
  holds: 'events',
  key: 'ticket_id',
  dated: 'opened_on',
  columns: {
    ticket_id: key,
    customer_id: reference('customers'),
    order_id: optionalReference('orders'),
    opened_on: date,
    closed_on: optionalDate,
    topic: optionalText,
    priority: optionalChoice('low', 'normal', 'high'),
    satisfaction: optionalInteger(1, 5),
    subject: optionalText,
  },
});
