import { currency, date, defineTable, key, money, optionalBoolean, optionalDate, optionalInteger, optionalMoney, optionalText, reference, text } from '../table.ts';

export const products = defineTable({
  name: 'products',
  owner: 'product',
  summary: 'The catalogue',
  holds: 'state',
  key: 'product_id',
  dated: 'launched_on',
  columns: {
    product_id: key,
    name: text,
    category: optionalText,
    price: money,
    unit_cost: optionalMoney,
    currency,
    active: optionalBoolean,
    launched_on: optionalDate,
    weight_g: optionalInteger(0, 1_000_000),
  },
});

export const priceChanges = defineTable({
  name: 'price_changes',
  owner: 'product',
  summary: 'Every change of a list price',
  holds: 'events',
  key: 'change_id',
  dated: 'changed_on',
  columns: {
    change_id: key,
    product_id: reference('products'),
    changed_on: date,
    old_price: money,
    new_price: money,
    currency,
    reason: optionalText,
  },
});
