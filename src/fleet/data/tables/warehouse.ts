import { date, defineTable, integer, key, optionalChoice, optionalDate, optionalInteger, optionalReference, optionalText, reference, text } from '../table.ts';

export const warehouses = defineTable({
  name: 'warehouses',
  owner: 'warehouse',
  summary: 'Where goods are kept',
  holds: 'state',
  key: 'warehouse_id',
  dated: 'opened_on',
  columns: {
    warehouse_id: key,
    name: text,
    city: optionalText,
    country: optionalText,
    capacity_units: optionalInteger(0, 100_000_000),
    opened_on: optionalDate,
  },
});

export const stockMovements = defineTable({
  name: 'stock_movements',
  owner: 'warehouse',
  summary: 'Goods coming in, going out, being moved or written off',
  holds: 'events',
  key: 'movement_id',
  dated: 'moved_on',
  columns: {
    movement_id: key,
    warehouse_id: reference('warehouses'),
    product_id: optionalReference('products'),
    moved_on: date,
    kind: optionalChoice('inbound', 'outbound', 'transfer', 'write_off'),
    quantity: integer(0, 10_000_000),
  },
});
