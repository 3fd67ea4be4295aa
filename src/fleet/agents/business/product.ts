import { z } from 'zod';
import { defineBusinessAgent, defineQuestion } from './define-business-agent.ts';
import { findRecord, idSchema, moneySchema, toMoney } from './records.ts';

const productDetails = defineQuestion({
  name: 'product_details',
  summary: 'What a product is, and what it costs',
  input: z.object({ product_id: idSchema }),
  output: z.object({
    product_id: z.string(),
    name: z.string(),
    category: z.string().nullable(),
    price: moneySchema,
    active: z.boolean().nullable(),
    launched_on: z.string().nullable(),
    weight_g: z.number().int().nullable(),
  }),
  async handle({ product_id }, context) {
    const product = await findRecord<{ name: string; category: string | null; price: number; currency: string; active: number | null; launched_on: string | null; weight_g: number | null }>(
      context,
      'products',
      'product_id',
      product_id,
    );
    return {
      product_id,
      name: product.name,
      category: product.category,
      price: toMoney(product.price, product.currency),
      active: product.active === null ? null : product.active === 1,
      launched_on: product.launched_on,
      weight_g: product.weight_g,
    };
  },
});

export const productAgent = defineBusinessAgent({
  name: 'product',
  tier: 1,
  summary: 'The catalogue: what is offered, at which prices and margins',
  topics: ['product', 'catalogue', 'assortment', 'category', 'price', 'margin'],
  tables: ['products', 'price_changes'],
  facts: [
    {
      needs: ['products'],
      async compute(collector) {
        const [all] = await collector.query<{ products: number; prices: number | null; priced: number }>(
          'SELECT COUNT(*) AS products, CAST(SUM(price_eur) AS BIGINT) AS prices, COUNT(price_eur) AS priced FROM products',
        );
        collector.count('count', 'Products in the catalogue', all?.products);
        collector.meanMoney('average_price', 'Average list price', all?.prices, all?.priced ?? 0);
      },
    },
    {
      needs: ['products.active'],
      async compute(collector) {
        const [row] = await collector.query<{ active: number }>('SELECT COUNT(*) AS active FROM products WHERE active = 1');
        collector.count('active', 'Products on sale now', row?.active);
      },
    },
    {
      needs: ['products.category'],
      async compute(collector) {
        const [best] = await collector.query<{ name: string; value: number }>(
          'SELECT category AS name, COUNT(*) AS value FROM products WHERE category IS NOT NULL GROUP BY category ORDER BY value DESC, name LIMIT 1',
        );
        collector.top('largest_category', 'Category with the most products', best, { name: 'products', label: 'Products in the largest category', unit: 'count' });
      },
    },
    {
      needs: ['products.unit_cost'],
      async compute(collector) {
        const [sums] = await collector.query<{ prices: number | null; costs: number | null }>(
          'SELECT CAST(SUM(price_eur) AS BIGINT) AS prices, CAST(SUM(unit_cost_eur) AS BIGINT) AS costs FROM products WHERE unit_cost_eur IS NOT NULL AND price_eur IS NOT NULL',
        );
        collector.share('list_margin', 'Margin of list prices over unit costs', sums?.prices == null || sums.costs == null ? null : sums.prices - sums.costs, sums?.prices);
      },
    },
    {
      needs: ['price_changes'],
      async compute(collector) {
        const row = await collector.totals<{ changes: number; raised: number }>(
          'SELECT COUNT(*) AS changes, COUNT(*) FILTER (WHERE new_price > old_price) AS raised FROM price_changes WHERE changed_on BETWEEN $1 AND $2',
        );
        collector.count('price_changes', 'List prices changed in the period', row.changes);
        collector.count('price_rises', 'List prices raised in the period', row.raised);
      },
    },
  ],
  questions: [productDetails],
});
