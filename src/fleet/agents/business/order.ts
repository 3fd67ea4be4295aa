import { z } from 'zod';
import type { inventoryCheckOutput } from './inventory.ts';
import { defineBusinessAgent, defineQuestion, type FactGroup } from './define-business-agent.ts';
import { daysBetween } from './fact-collector.ts';
import { previousPeriod } from './period.ts';
import { findRecord, idSchema, moneySchema, select, toMoney } from './records.ts';

/** A cancelled order is counted among the orders, but is no revenue. */
const sold = `COALESCE(status, '') <> 'cancelled'`;
const inPeriod = 'ordered_on BETWEEN $1 AND $2';

/** Days after which an order that turns up in the books is late. */
const LATE_DAYS = 7;

const orderStatus = defineQuestion({
  name: 'order_status',
  summary: 'How an order stands, and what is in it',
  input: z.object({ order_id: idSchema }),
  output: z.object({
    order_id: z.string(),
    status: z.string().nullable(),
    ordered_on: z.string(),
    total: moneySchema,
    lines: z.array(z.object({ product_id: z.string(), description: z.string().nullable(), quantity: z.number().int() })),
  }),
  async handle({ order_id }, context) {
    const order = await findRecord<{ status: string | null; ordered_on: string; total: number; currency: string }>(context, 'orders', 'order_id', order_id);
    const lines = await select<{ product_id: string; description: string | null; quantity: number }>(
      context,
      'SELECT product_id, description, quantity FROM order_lines WHERE order_id = $1 ORDER BY line_id',
      order_id,
    );
    return { order_id, status: order.status, ordered_on: order.ordered_on, total: toMoney(order.total, order.currency), lines };
  },
});

const orderAvailability = defineQuestion({
  name: 'order_availability',
  summary: 'Whether everything in an order is in stock, as the inventory agent says',
  input: z.object({ order_id: idSchema }),
  output: z.object({
    order_id: z.string(),
    available: z.boolean(),
    lines: z.array(z.object({ product_id: z.string(), wanted: z.number().int(), quantity: z.number().int(), in_stock: z.boolean() })),
  }),
  async handle({ order_id }, context) {
    await findRecord(context, 'orders', 'order_id', order_id);
    const wanted = await select<{ product_id: string; wanted: number }>(
      context,
      'SELECT product_id, CAST(SUM(quantity) AS BIGINT) AS wanted FROM order_lines WHERE order_id = $1 GROUP BY product_id ORDER BY product_id',
      order_id,
    );
    const lines = await Promise.all(
      wanted.map(async (line) => {
        const stock = await context.ask<z.infer<typeof inventoryCheckOutput>>('inventory', 'inventory_check', { product_id: line.product_id });
        return { ...line, quantity: stock.quantity, in_stock: stock.in_stock && stock.quantity >= line.wanted };
      }),
    );
    return { order_id, available: lines.length > 0 && lines.every((line) => line.in_stock), lines };
  },
});

export const orderAgent = defineBusinessAgent({
  name: 'order',
  tier: 1,
  summary: 'What was ordered, where, through which channel, and for how much',
  topics: ['order', 'sale', 'revenue', 'turnover', 'channel', 'basket', 'demand', 'growth', 'seller'],
  tables: ['orders', 'order_lines'],
  facts: [
    {
      needs: ['orders'],
      async compute(collector) {
        const now = await collector.totals<{ orders: number; sold: number; revenue: number | null }>(
          `SELECT COUNT(*) AS orders, COUNT(*) FILTER (WHERE ${sold}) AS sold, CAST(SUM(total_eur) FILTER (WHERE ${sold}) AS BIGINT) AS revenue FROM orders WHERE ${inPeriod}`,
        );
        const { from, to } = previousPeriod(collector.period);
        const [before] = await collector.query<{ revenue: number | null }>(`SELECT CAST(SUM(total_eur) AS BIGINT) AS revenue FROM orders WHERE ${inPeriod} AND ${sold}`, from, to);
        collector.count('count', 'Orders placed in the period', now.orders);
        collector.money('revenue_total', 'Revenue of the period', now.revenue);
        collector.meanMoney('average_value', 'Average order value', now.revenue, now.sold);
        collector.change('revenue_change', 'Change of revenue against the period before', now.revenue, before?.revenue);
      },
    },
    {
      needs: ['orders.status'],
      async compute(collector) {
        const { orders, cancelled } = await collector.totals<{ orders: number; cancelled: number }>(
          `SELECT COUNT(*) AS orders, COUNT(*) FILTER (WHERE status = 'cancelled') AS cancelled FROM orders WHERE ${inPeriod}`,
        );
        collector.share('cancelled_share', 'Share of orders that were cancelled', cancelled, orders);
      },
    },
    ...['channel', 'country'].map((column): FactGroup => ({
      needs: [`orders.${column}`],
      async compute(collector) {
        const best = await collector.leader(
          `SELECT ${column} AS name, CAST(SUM(total_eur) AS BIGINT) AS value FROM orders WHERE ${inPeriod} AND ${sold} AND ${column} IS NOT NULL AND total_eur IS NOT NULL GROUP BY ${column} ORDER BY value DESC, name LIMIT 1`,
        );
        collector.top(`top_${column}`, `Strongest ${column} by revenue`, best, { name: 'revenue', label: `Revenue of the strongest ${column}`, unit: 'money' });
      },
    })),
    {
      needs: ['order_lines.description'],
      async compute(collector) {
        const best = await collector.leader(`SELECT description AS name, CAST(SUM(quantity) AS BIGINT) AS value FROM order_lines WHERE ${inPeriod} AND description IS NOT NULL GROUP BY description ORDER BY value DESC, name LIMIT 1`);
        collector.top('best_seller', 'Product ordered most often', best, { name: 'units', label: 'Units ordered of the best seller', unit: 'count' });
      },
    },
    {
      needs: ['orders.recorded_at'],
      async compute(collector) {
        const late = daysBetween(collector.dialect, 'ordered_on', 'SUBSTR(recorded_at, 1, 10)');
        const { count } = await collector.totals<{ count: number }>(`SELECT COUNT(*) AS count FROM orders WHERE ${inPeriod} AND recorded_at IS NOT NULL AND ${late} > ${LATE_DAYS}`);
        collector.count('recorded_late', 'Orders that reached the books more than a week after they were placed', count);
      },
    },
  ],
  questions: [orderStatus, orderAvailability],
});
