import { currency, date, defineTable, key, money, optionalChoice, optionalMoney, optionalText, reference } from '../table.ts';

export const payments = defineTable({
  name: 'payments',
  owner: 'payment',
  summary: 'Attempts to collect money for orders',
  holds: 'events',
  key: 'payment_id',
  dated: 'paid_on',
  columns: {
    payment_id: key,
    order_id: reference('orders'),
    paid_on: date,
    method: optionalText,
    status: optionalChoice('captured', 'pending', 'failed', 'chargeback'),
    amount: money,
    fee: optionalMoney,
    currency,
  },
});

export const refunds = defineTable({
  name: 'refunds',
  owner: 'payment',
  summary: 'Money given back',
  holds: 'events',
  key: 'refund_id',
  dated: 'refunded_on',
  columns: {
    refund_id: key,
    payment_id: reference('payments'),
    refunded_on: date,
    amount: money,
    currency,
    reason: optionalText,
  },
});
