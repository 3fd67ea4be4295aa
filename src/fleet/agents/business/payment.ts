import { z } from 'zod';
import { defineBusinessAgent, defineQuestion } from './define-business-agent.ts';
import { idSchema, moneySchema, requireRows, select, toMoney } from './records.ts';

const inPeriod = 'paid_on BETWEEN $1 AND $2';

const paymentStatus = defineQuestion({
  name: 'payment_status',
  summary: 'Attempts to collect the money of an order, and what was given back',
  input: z.object({ order_id: idSchema }),
  output: z.object({
    order_id: z.string(),
    paid: z.boolean(),
    payments: z.array(z.object({ payment_id: z.string(), paid_on: z.string(), method: z.string().nullable(), status: z.string().nullable(), amount: moneySchema })),
    refunds: z.array(z.object({ refund_id: z.string(), refunded_on: z.string(), amount: moneySchema })),
  }),
  async handle({ order_id }, context) {
    await requireRows(context, 'payments');
    const payments = await select<{ payment_id: string; paid_on: string; method: string | null; status: string | null; amount: number; currency: string }>(
      context,
      'SELECT payment_id, paid_on, method, status, amount, currency FROM payments WHERE order_id = $1 ORDER BY paid_on, payment_id',
      order_id,
    );
    const refunds = await select<{ refund_id: string; refunded_on: string; amount: number; currency: string }>(
      context,
      'SELECT refund_id, refunded_on, amount, currency FROM refunds WHERE payment_id IN (SELECT payment_id FROM payments WHERE order_id = $1) ORDER BY refunded_on, refund_id',
      order_id,
    );
    return {
      order_id,
      paid: payments.some((payment) => payment.status === 'captured'),
      payments: payments.map(({ amount, currency, ...payment }) => ({ ...payment, amount: toMoney(amount, currency) })),
      refunds: refunds.map(({ amount, currency, ...refund }) => ({ ...refund, amount: toMoney(amount, currency) })),
    };
  },
});

export const paymentAgent = defineBusinessAgent({
  name: 'payment',
  tier: 1,
  summary: 'Money collected, failed, and given back',
  topics: ['payment', 'refund', 'chargeback', 'cash', 'fee', 'money', 'collection'],
  tables: ['payments', 'refunds'],
  facts: [
    {
      needs: ['payments.status'],
      async compute(collector) {
        const row = await collector.totals<{ attempts: number; failed: number; chargebacks: number; captured: number | null }>(
          `SELECT COUNT(*) AS attempts, COUNT(*) FILTER (WHERE status = 'failed') AS failed, COUNT(*) FILTER (WHERE status = 'chargeback') AS chargebacks,
             CAST(SUM(amount_eur) FILTER (WHERE status = 'captured') AS BIGINT) AS captured
           FROM payments WHERE ${inPeriod}`,
        );
        collector.count('attempts', 'Payments tried in the period', row.attempts);
        collector.money('captured_total', 'Money collected in the period', row.captured);
        collector.share('failed_share', 'Share of payments that failed', row.failed, row.attempts);
        collector.count('chargebacks', 'Payments charged back', row.chargebacks);
      },
    },
    {
      needs: ['payments.fee'],
      async compute(collector) {
        const { fees } = await collector.totals<{ fees: number | null }>(`SELECT CAST(SUM(fee_eur) AS BIGINT) AS fees FROM payments WHERE ${inPeriod}`);
        collector.money('fees_total', 'Fees of payment providers', fees);
      },
    },
    {
      needs: ['payments.method'],
      async compute(collector) {
        const best = await collector.leader(`SELECT method AS name, COUNT(*) AS value FROM payments WHERE ${inPeriod} AND method IS NOT NULL GROUP BY method ORDER BY value DESC, name LIMIT 1`);
        collector.top('top_method', 'Way of paying used most', best, { name: 'payments', label: 'Payments made in the way used most', unit: 'count' });
      },
    },
    {
      needs: ['refunds'],
      async compute(collector) {
        const row = await collector.totals<{ refunds: number; refunded: number | null }>(
          'SELECT COUNT(*) AS refunds, CAST(SUM(amount_eur) AS BIGINT) AS refunded FROM refunds WHERE refunded_on BETWEEN $1 AND $2',
        );
        collector.count('refund_count', 'Refunds paid in the period', row.refunds);
        collector.money('refund_total', 'Money given back in the period', row.refunded);
      },
    },
  ],
  questions: [paymentStatus],
});
