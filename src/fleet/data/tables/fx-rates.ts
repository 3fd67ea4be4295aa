import { currency, date, defineTable, key, rate } from '../table.ts';

export const fxRates = defineTable({
  name: 'fx_rates',
  owner: 'shared',
  summary: 'Exchange rates: from valid_on until the currency’s next rate, one unit is worth eur_per_unit euros',
  holds: 'state',
  key: 'rate_id',
  dated: 'valid_on',
  columns: {
    rate_id: key,
    currency,
    valid_on: date,
    eur_per_unit: rate,
  },
});
