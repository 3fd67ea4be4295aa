import { z } from 'zod';
import { defineBusinessAgent, defineQuestion } from './define-business-agent.ts';
import { idSchema, requireRows, select } from './records.ts';

export const inventoryCheckOutput = z.object({
  product_id: z.string(),
  /** Something is left beyond what is reserved. */
  in_stock: z.boolean(),
  /** Units beyond what is reserved, all warehouses together. */
  quantity: z.number().int(),
  warehouses: z.array(z.object({ warehouse_id: z.string(), quantity: z.number().int(), counted_on: z.string() })),
});

const inventoryCheck = defineQuestion({
  name: 'inventory_check',
  summary: 'Whether a product is in stock, how much of it, and where',
  input: z.object({ product_id: idSchema }),
  output: inventoryCheckOutput,
  async handle({ product_id }, context) {
    await requireRows(context, 'inventory');
    const warehouses = await select<{ warehouse_id: string; quantity: number; counted_on: string }>(
      context,
      'SELECT warehouse_id, quantity - COALESCE(reserved, 0) AS quantity, counted_on FROM inventory WHERE product_id = $1 ORDER BY warehouse_id, stock_id',
      product_id,
    );
    const quantity = warehouses.reduce((sum, warehouse) => sum + warehouse.quantity, 0);
    return { product_id, in_stock: quantity > 0, quantity, warehouses };
  },
});

export const inventoryAgent = defineBusinessAgent({
  name: 'inventory',
  tier: 2,
  summary: 'What is in stock, what it is worth, and what runs out',
  topics: ['inventory', 'stock', 'availability', 'shortage', 'reorder', 'supply'],
  tables: ['inventory'],
  facts: [
    {
      needs: ['inventory'],
      async compute(collector) {
        const [row] = await collector.query<{ units: number; value: number | null; products: number; out: number; newest: string }>(
          `SELECT CAST(SUM(quantity) AS BIGINT) AS units, CAST(SUM(quantity * unit_cost_eur) AS BIGINT) AS value, COUNT(DISTINCT product_id) AS products,
             COUNT(*) FILTER (WHERE quantity = 0) AS out, MAX(counted_on) AS newest
           FROM inventory`,
        );
        collector.count('units', 'Units in stock, as last counted', row?.units);
        collector.money('value', 'Value of the stock at unit cost', row?.value);
        collector.count('products', 'Products that are kept in stock', row?.products);
        collector.count('empty_places', 'Storage places that have run out', row?.out);
        collector.date('last_count', 'Day of the latest count', row?.newest);
      },
    },
    {
      needs: ['inventory.reorder_level'],
      async compute(collector) {
        const [row] = await collector.query<{ low: number; judged: number }>(
          'SELECT COUNT(*) FILTER (WHERE quantity < reorder_level) AS low, COUNT(*) AS judged FROM inventory WHERE reorder_level IS NOT NULL',
        );
        collector.count('below_reorder_level', 'Storage places below their reorder level', row?.low);
        collector.share('below_reorder_share', 'Share of storage places below their reorder level', row?.low, row?.judged);
      },
    },
    {
      needs: ['inventory'],
      async compute(collector) {
        const [best] = await collector.query<{ name: string; value: number }>(
          'SELECT warehouse_id AS name, CAST(SUM(quantity) AS BIGINT) AS value FROM inventory GROUP BY warehouse_id ORDER BY value DESC, name LIMIT 1',
        );
        collector.top('fullest_warehouse', 'Warehouse with the most units', best, { name: 'units', label: 'Units in the fullest warehouse', unit: 'count' });
      },
    },
  ],
  questions: [inventoryCheck],
});
