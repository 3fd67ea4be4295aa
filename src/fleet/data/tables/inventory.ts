import { currency, date, defineTable, integer, key, money, optionalInteger, reference } from '../table.ts';

export const inventory = defineTable({
  name: 'inventory',
  owner: 'inventory',
  summary: 'What lies where, as last counted: one row a product in a warehouse',
  holds: 'state',
  key: 'stock_id',
  dated: 'counted_on',
  columns: {
    stock_id: key,
    product_id: reference('products'),
    warehouse_id: reference('warehouses'),
    quantity: integer(0, 10_000_000),
    reserved: optionalInteger(0, 10_000_000),
    reorder_level: optionalInteger(0, 10_000_000),
    unit_cost: money,
    currency,
    counted_on: date,
  },
});
