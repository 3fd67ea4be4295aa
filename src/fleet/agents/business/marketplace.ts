import { z } from 'zod';
import { defineBusinessAgent, defineQuestion } from './define-business-agent.ts';
import { idSchema, moneySchema, requireRows, select, toMoney } from './records.ts';

const inPeriod = 'sold_on BETWEEN $1 AND $2';

const productListings = defineQuestion({
  name: 'product_listings',
  summary: 'Where a product is offered, and at which price',
  input: z.object({ product_id: idSchema }),
  output: z.object({
    product_id: z.string(),
    listings: z.array(z.object({ listing_id: z.string(), marketplace: z.string(), title: z.string().nullable(), active: z.boolean().nullable(), price: moneySchema })),
  }),
  async handle({ product_id }, context) {
    await requireRows(context, 'marketplace_listings');
    const rows = await select<{ listing_id: string; marketplace: string; title: string | null; active: number | null; price: number; currency: string }>(
      context,
      'SELECT listing_id, marketplace, title, active, price, currency FROM marketplace_listings WHERE product_id = $1 ORDER BY marketplace, listing_id',
      product_id,
    );
    return {
      product_id,
      listings: rows.map(({ active, price, currency, ...row }) => ({ ...row, active: active === null ? null : active === 1, price: toMoney(price, currency) })),
    };
  },
});

export const marketplaceAgent = defineBusinessAgent({
  name: 'marketplace',
  tier: 3,
  summary: 'Sales through other companies’ marketplaces, and what they cost',
  topics: ['marketplace', 'listing', 'commission', 'platform', 'reseller'],
  tables: ['marketplace_listings', 'marketplace_sales'],
  facts: [
    {
      needs: ['marketplace_sales'],
      async compute(collector) {
        const row = await collector.totals<{ sales: number; units: number | null; gross: number | null; commission: number | null }>(
          `SELECT COUNT(*) AS sales, CAST(SUM(quantity) AS BIGINT) AS units, CAST(SUM(gross_eur) AS BIGINT) AS gross, CAST(SUM(commission_eur) AS BIGINT) AS commission
           FROM marketplace_sales WHERE ${inPeriod}`,
        );
        collector.count('sales', 'Sales on marketplaces in the period', row.sales);
        collector.count('units', 'Units sold on marketplaces', row.units);
        collector.money('gross_total', 'Gross value of marketplace sales', row.gross);
        collector.money('commission_total', 'Commission paid to marketplaces', row.commission);
        collector.share('commission_share', 'Commission as a share of gross value', row.commission, row.gross);
      },
    },
    {
      needs: ['marketplace_sales', 'marketplace_listings'],
      async compute(collector) {
        const best = await collector.leader(
          `SELECT marketplace AS name, CAST(SUM(gross_eur) AS BIGINT) AS value FROM marketplace_sales JOIN marketplace_listings ON marketplace_listings.listing_id = marketplace_sales.listing_id
           WHERE ${inPeriod} AND gross_eur IS NOT NULL GROUP BY marketplace ORDER BY value DESC, name LIMIT 1`,
        );
        collector.top('top_marketplace', 'Strongest marketplace by gross value', best, { name: 'gross', label: 'Gross value on the strongest marketplace', unit: 'money' });
      },
    },
    {
      needs: ['marketplace_listings.active'],
      async compute(collector) {
        const [row] = await collector.query<{ active: number }>('SELECT COUNT(*) AS active FROM marketplace_listings WHERE active = 1');
        collector.count('active_listings', 'Offers on marketplaces that are active now', row?.active);
      },
    },
  ],
  questions: [productListings],
});
