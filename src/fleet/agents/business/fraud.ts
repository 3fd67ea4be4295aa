import { z } from 'zod';
import { defineBusinessAgent, defineQuestion } from './define-business-agent.ts';
import { daysBetween } from './fact-collector.ts';
import { idSchema, requireRows, select } from './records.ts';

const inPeriod = 'raised_on BETWEEN $1 AND $2';

const fraudScore = defineQuestion({
  name: 'fraud_score',
  summary: 'How suspicious an order looked: the highest score of its alerts',
  input: z.object({ order_id: idSchema }),
  output: z.object({
    order_id: z.string(),
    /** 0 (harmless) to 100; null for an order that raised no alert. */
    score: z.number().int().min(0).max(100).nullable(),
    alerts: z.array(z.object({ alert_id: z.string(), raised_on: z.string(), rule: z.string().nullable(), score: z.number().int(), outcome: z.string().nullable() })),
  }),
  async handle({ order_id }, context) {
    await requireRows(context, 'fraud_alerts');
    const alerts = await select<{ alert_id: string; raised_on: string; rule: string | null; score: number; outcome: string | null }>(
      context,
      'SELECT alert_id, raised_on, rule, score, outcome FROM fraud_alerts WHERE order_id = $1 ORDER BY score DESC, alert_id',
      order_id,
    );
    return { order_id, score: alerts[0]?.score ?? null, alerts };
  },
});

export const fraudAgent = defineBusinessAgent({
  name: 'fraud',
  tier: 4,
  summary: 'Suspicious orders, and what came of the suspicion',
  topics: ['fraud', 'suspicion', 'alert', 'abuse', 'theft'],
  tables: ['fraud_alerts'],
  facts: [
    {
      needs: ['fraud_alerts'],
      async compute(collector) {
        const row = await collector.totals<{ alerts: number; scores: number | null; amount: number | null }>(
          `SELECT COUNT(*) AS alerts, CAST(SUM(score) AS BIGINT) AS scores, CAST(SUM(amount_eur) AS BIGINT) AS amount FROM fraud_alerts WHERE ${inPeriod}`,
        );
        collector.count('alerts', 'Fraud alerts raised in the period', row.alerts);
        collector.money('alerted_total', 'Value of orders with a fraud alert', row.amount);
        collector.ratio('average_score', 'Average score of the alerts, the higher the worse', row.scores, row.alerts);
      },
    },
    {
      needs: ['fraud_alerts.outcome'],
      async compute(collector) {
        const row = await collector.totals<{ closed: number; confirmed: number; open: number; loss: number | null }>(
          `SELECT COUNT(*) FILTER (WHERE outcome <> 'open') AS closed, COUNT(*) FILTER (WHERE outcome = 'confirmed') AS confirmed, COUNT(*) FILTER (WHERE outcome = 'open') AS open,
             CAST(SUM(amount_eur) FILTER (WHERE outcome = 'confirmed') AS BIGINT) AS loss
           FROM fraud_alerts WHERE ${inPeriod}`,
        );
        collector.count('confirmed', 'Alerts that proved to be fraud', row.confirmed);
        collector.count('open', 'Alerts not judged yet', row.open);
        collector.share('confirmed_share', 'Share of judged alerts that proved to be fraud', row.confirmed, row.closed);
        collector.money('confirmed_total', 'Value of the orders that proved to be fraud', row.loss);
      },
    },
    {
      needs: ['fraud_alerts.closed_on'],
      async compute(collector) {
        const row = await collector.totals<{ closed: number; days: number | null }>(
          `SELECT COUNT(*) AS closed, CAST(SUM(${daysBetween(collector.dialect, 'raised_on', 'closed_on')}) AS BIGINT) AS days FROM fraud_alerts WHERE ${inPeriod} AND closed_on IS NOT NULL`,
        );
        collector.meanDays('average_judgement', 'Average time until an alert is judged', row.days, row.closed);
      },
    },
    {
      needs: ['fraud_alerts.rule'],
      async compute(collector) {
        const best = await collector.leader(`SELECT rule AS name, COUNT(*) AS value FROM fraud_alerts WHERE ${inPeriod} AND rule IS NOT NULL GROUP BY rule ORDER BY value DESC, name LIMIT 1`);
        collector.top('top_rule', 'Rule that raised the most alerts', best, { name: 'alerts', label: 'Alerts raised by the rule that raised most of them', unit: 'count' });
      },
    },
  ],
  questions: [fraudScore],
});
