import { z } from 'zod';
import { defineBusinessAgent, defineQuestion } from './define-business-agent.ts';
import { daysBetween } from './fact-collector.ts';
import { idSchema, requireRows, select } from './records.ts';

const inPeriod = 'shipped_on BETWEEN $1 AND $2';

const shipmentTracking = defineQuestion({
  name: 'shipment_tracking',
  summary: 'Where the parcels of an order are',
  input: z.object({ order_id: idSchema }),
  output: z.object({
    order_id: z.string(),
    shipments: z.array(
      z.object({
        shipment_id: z.string(),
        carrier: z.string().nullable(),
        status: z.string().nullable(),
        shipped_on: z.string(),
        promised_on: z.string().nullable(),
        delivered_on: z.string().nullable(),
      }),
    ),
  }),
  async handle({ order_id }, context) {
    await requireRows(context, 'shipments');
    const shipments = await select<{ shipment_id: string; carrier: string | null; status: string | null; shipped_on: string; promised_on: string | null; delivered_on: string | null }>(
      context,
      'SELECT shipment_id, carrier, status, shipped_on, promised_on, delivered_on FROM shipments WHERE order_id = $1 ORDER BY shipped_on, shipment_id',
      order_id,
    );
    return { order_id, shipments };
  },
});

export const transportAgent = defineBusinessAgent({
  name: 'transport',
  tier: 1,
  summary: 'Parcels: how many, how fast, how punctual, at what cost',
  topics: ['transport', 'shipment', 'shipping', 'delivery', 'carrier', 'parcel', 'logistics', 'freight'],
  tables: ['shipments'],
  facts: [
    {
      needs: ['shipments'],
      async compute(collector) {
        const row = await collector.totals<{ shipments: number; cost: number | null; costed: number }>(
          `SELECT COUNT(*) AS shipments, CAST(SUM(cost_eur) AS BIGINT) AS cost, COUNT(cost_eur) AS costed FROM shipments WHERE ${inPeriod}`,
        );
        collector.count('shipments', 'Parcels sent in the period', row.shipments);
        collector.money('cost_total', 'Cost of sending parcels', row.cost);
        collector.meanMoney('average_cost', 'Average cost of a parcel', row.cost, row.costed);
      },
    },
    {
      needs: ['shipments.delivered_on'],
      async compute(collector) {
        const row = await collector.totals<{ delivered: number; days: number | null }>(
          `SELECT COUNT(*) AS delivered, CAST(SUM(${daysBetween(collector.dialect, 'shipped_on', 'delivered_on')}) AS BIGINT) AS days FROM shipments WHERE ${inPeriod} AND delivered_on IS NOT NULL`,
        );
        collector.meanDays('average_transit', 'Average time from sending to delivery', row.days, row.delivered);
      },
    },
    {
      needs: ['shipments.delivered_on', 'shipments.promised_on'],
      async compute(collector) {
        const row = await collector.totals<{ judged: number; punctual: number }>(
          `SELECT COUNT(*) AS judged, COUNT(*) FILTER (WHERE delivered_on <= promised_on) AS punctual FROM shipments WHERE ${inPeriod} AND delivered_on IS NOT NULL AND promised_on IS NOT NULL`,
        );
        collector.share('on_time_share', 'Share of delivered parcels that came by the promised day', row.punctual, row.judged);
      },
    },
    {
      needs: ['shipments.delivered_on', 'shipments.promised_on', 'shipments.carrier'],
      async compute(collector) {
        const worst = await collector.leader(
          `SELECT carrier AS name, COUNT(*) AS value FROM shipments WHERE ${inPeriod} AND carrier IS NOT NULL AND delivered_on > promised_on GROUP BY carrier ORDER BY value DESC, name LIMIT 1`,
        );
        collector.top('latest_carrier', 'Carrier with the most late parcels', worst, { name: 'late_parcels', label: 'Late parcels of the carrier with most of them', unit: 'count' });
      },
    },
    {
      needs: ['shipments.status'],
      async compute(collector) {
        const { lost } = await collector.totals<{ lost: number }>(`SELECT COUNT(*) AS lost FROM shipments WHERE ${inPeriod} AND status = 'lost'`);
        collector.count('lost', 'Parcels lost', lost);
      },
    },
  ],
  questions: [shipmentTracking],
});
