import { z } from 'zod';
import { defineBusinessAgent, defineQuestion } from './define-business-agent.ts';
import { findRecord, idSchema, select } from './records.ts';

const inPeriod = 'moved_on BETWEEN $1 AND $2';

const warehouseActivity = defineQuestion({
  name: 'warehouse_activity',
  summary: 'What a warehouse is, and what was moved there',
  input: z.object({ warehouse_id: idSchema }),
  output: z.object({
    warehouse_id: z.string(),
    name: z.string(),
    city: z.string().nullable(),
    capacity_units: z.number().int().nullable(),
    movements: z.array(z.object({ kind: z.string().nullable(), movements: z.number().int(), units: z.number().int() })),
  }),
  async handle({ warehouse_id }, context) {
    const site = await findRecord<{ name: string; city: string | null; capacity_units: number | null }>(context, 'warehouses', 'warehouse_id', warehouse_id);
    const movements = await select<{ kind: string | null; movements: number; units: number }>(
      context,
      `SELECT kind, COUNT(*) AS movements, CAST(SUM(quantity) AS BIGINT) AS units FROM stock_movements WHERE warehouse_id = $1 GROUP BY kind ORDER BY COALESCE(kind, '')`,
      warehouse_id,
    );
    return { warehouse_id, name: site.name, city: site.city, capacity_units: site.capacity_units, movements };
  },
});

export const warehouseAgent = defineBusinessAgent({
  name: 'warehouse',
  tier: 2,
  summary: 'The warehouses and the goods that move through them',
  topics: ['warehouse', 'movement', 'inbound', 'outbound', 'capacity', 'storage', 'fulfilment'],
  tables: ['warehouses', 'stock_movements'],
  facts: [
    {
      needs: ['warehouses'],
      async compute(collector) {
        const [row] = await collector.query<{ sites: number; capacity: number | null }>('SELECT COUNT(*) AS sites, CAST(SUM(capacity_units) AS BIGINT) AS capacity FROM warehouses');
        collector.count('sites', 'Warehouses', row?.sites);
        collector.count('capacity', 'Capacity of all warehouses that state one, in units', row?.capacity);
      },
    },
    {
      needs: ['stock_movements.kind'],
      async compute(collector) {
        const row = await collector.totals<{ movements: number; inbound: number | null; outbound: number | null; lost: number | null }>(
          `SELECT COUNT(*) AS movements, CAST(SUM(quantity) FILTER (WHERE kind = 'inbound') AS BIGINT) AS inbound,
             CAST(SUM(quantity) FILTER (WHERE kind = 'outbound') AS BIGINT) AS outbound, CAST(SUM(quantity) FILTER (WHERE kind = 'write_off') AS BIGINT) AS lost
           FROM stock_movements WHERE ${inPeriod}`,
        );
        collector.count('movements', 'Stock movements in the period', row.movements);
        collector.count('inbound_units', 'Units that came in', row.inbound);
        collector.count('outbound_units', 'Units that went out', row.outbound);
        collector.count('written_off_units', 'Units written off', row.lost);
      },
    },
    {
      needs: ['warehouses', 'stock_movements'],
      async compute(collector) {
        const best = await collector.leader(
          `SELECT warehouses.name AS name, COUNT(*) AS value FROM stock_movements JOIN warehouses ON warehouses.warehouse_id = stock_movements.warehouse_id
           WHERE ${inPeriod} GROUP BY warehouses.warehouse_id, warehouses.name ORDER BY value DESC, warehouses.warehouse_id LIMIT 1`,
        );
        collector.top('busiest', 'Busiest warehouse', best, { name: 'movements', label: 'Stock movements in the busiest warehouse', unit: 'count' });
      },
    },
  ],
  questions: [warehouseActivity],
});
