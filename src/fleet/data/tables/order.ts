import { currency, date, defineTable, integer, key, money, optionalChoice, optionalPercent, optionalText, optionalTimestamp, reference } from '../table.ts';

export const orders = defineTable({
  name: 'orders',
  owner: 'order',
  summary: 'One row an order, whatever became of it',
  holds: 'events',
  key: 'order_id',
  dated: 'ordered_on',
  columns: {
    order_id: key,
    customer_id: reference('customers'),
    ordered_on: date,
    recorded_at: optionalTimestamp,
    status: optionalChoice('placed', 'shipped', 'delivered', 'cancelled', 'returned'),
    channel: optionalText,
    country: optionalText,
    total: money,
    currency,
  },
});

export const orderLines = defineTable({
  name: 'order_lines',
  owner: 'order',
  summary: 'What was ordered: one row a product in an order',
  holds: 'events',
  key: 'line_id',
  dated: 'ordered_on',
  columns: {
    line_id: key,
    order_id: reference('orders'),
    product_id: reference('products'),
    ordered_on: date,
    description: optionalText,
    quantity: integer(1, 100_000),
    unit_price: money,
    discount: optionalPercent,
    line_total: money,
    currency,
  },
});
