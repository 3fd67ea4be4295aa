import { currency, date, defineTable, integer, key, money, optionalBoolean, optionalText, reference, text } from '../table.ts';

export const marketplaceListings = defineTable({
  name: 'marketplace_listings',
  owner: 'marketplace',
  summary: 'Offers on other companies’ marketplaces',
  holds: 'state',
  key: 'listing_id',
  dated: 'listed_on',
  columns: {
    listing_id: key,
    product_id: reference('products'),
    marketplace: text,
    title: optionalText,
    price: money,
    currency,
    active: optionalBoolean,
    listed_on: date,
  },
});

export const marketplaceSales = defineTable({
  name: 'marketplace_sales',
  owner: 'marketplace',
  summary: 'What the marketplaces say they sold',
  holds: 'events',
  key: 'sale_id',
  dated: 'sold_on',
  columns: {
    sale_id: key,
    listing_id: reference('marketplace_listings'),
    sold_on: date,
    quantity: integer(1, 100_000),
    gross: money,
    commission: money,
    currency,
  },
});
