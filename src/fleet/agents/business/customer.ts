import { z } from 'zod';
import { defineBusinessAgent, defineQuestion, type FactGroup } from './define-business-agent.ts';
import type { Leader } from './fact-collector.ts';
import { findRecord, idSchema, select } from './records.ts';

const customerProfile = defineQuestion({
  name: 'customer_profile',
  summary: 'Who a customer is, and what they say of us',
  input: z.object({ customer_id: idSchema }),
  output: z.object({
    customer_id: z.string(),
    name: z.string(),
    country: z.string().nullable(),
    city: z.string().nullable(),
    segment: z.string().nullable(),
    registered_on: z.string(),
    feedback: z.array(z.object({ given_on: z.string(), score: z.number().int(), comment: z.string().nullable() })),
  }),
  async handle({ customer_id }, context) {
    const customer = await findRecord<{ name: string; country: string | null; city: string | null; segment: string | null; registered_on: string }>(context, 'customers', 'customer_id', customer_id);
    const feedback = await select<{ given_on: string; score: number; comment: string | null }>(
      context,
      'SELECT given_on, score, comment FROM customer_feedback WHERE customer_id = $1 ORDER BY given_on, feedback_id',
      customer_id,
    );
    const { name, country, city, segment, registered_on } = customer;
    return { customer_id, name, country, city, segment, registered_on, feedback };
  },
});

export const customerAgent = defineBusinessAgent({
  name: 'customer',
  tier: 2,
  summary: 'Who buys, where they are, and whether they would recommend us',
  topics: ['customer', 'buyer', 'client', 'segment', 'loyalty', 'satisfaction', 'recommendation', 'acquisition', 'churn'],
  tables: ['customers', 'customer_feedback'],
  facts: [
    {
      needs: ['customers'],
      async compute(collector) {
        const row = await collector.totals<{ all: number; fresh: number }>(
          'SELECT COUNT(*) AS "all", COUNT(*) FILTER (WHERE registered_on >= $1) AS fresh FROM customers WHERE registered_on <= $2',
        );
        collector.count('count', 'Customers registered by the end of the period', row.all);
        collector.count('new', 'Customers who registered in the period', row.fresh);
      },
    },
    ...['country', 'segment'].map((column): FactGroup => ({
      needs: [`customers.${column}`],
      async compute(collector) {
        const [best] = await collector.query<Leader>(
          `SELECT ${column} AS name, COUNT(*) AS value FROM customers WHERE ${column} IS NOT NULL AND registered_on <= $1 GROUP BY ${column} ORDER BY value DESC, name LIMIT 1`,
          collector.period.to,
        );
        collector.top(`top_${column}`, `Largest ${column} by customers`, best, { name: 'customers', label: `Customers in the largest ${column}`, unit: 'count' });
      },
    })),
    {
      needs: ['customers.marketing_consent'],
      async compute(collector) {
        const [row] = await collector.query<{ asked: number; consenting: number }>(
          'SELECT COUNT(marketing_consent) AS asked, COUNT(*) FILTER (WHERE marketing_consent = 1) AS consenting FROM customers WHERE registered_on <= $1',
          collector.period.to,
        );
        collector.share('consent_share', 'Share of customers asked who agree to marketing', row?.consenting, row?.asked);
      },
    },
    {
      needs: ['customer_feedback'],
      async compute(collector) {
        const row = await collector.totals<{ answers: number; promoters: number; detractors: number; scores: number | null }>(
          `SELECT COUNT(*) AS answers, COUNT(*) FILTER (WHERE score >= 9) AS promoters, COUNT(*) FILTER (WHERE score <= 6) AS detractors, CAST(SUM(score) AS BIGINT) AS scores
           FROM customer_feedback WHERE given_on BETWEEN $1 AND $2`,
        );
        collector.count('feedback', 'Answers to the recommendation question', row.answers);
        collector.share('net_promoter', 'Net promoter score: promoters less detractors, as a share of answers', row.promoters - row.detractors, row.answers);
        collector.ratio('average_score', 'Average recommendation score', row.scores, row.answers);
      },
    },
  ],
  questions: [customerProfile],
});
