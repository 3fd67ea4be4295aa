import { z } from 'zod';
import { defineBusinessAgent, defineQuestion } from './define-business-agent.ts';
import { moneySchema, requireRows, select, toMoney } from './records.ts';

const inPeriod = 'assessed_on BETWEEN $1 AND $2';

/** Likelihood times impact, each from 1 to 5, at and above which a risk is called severe. */
const SEVERE = 15;

const riskRegister = defineQuestion({
  name: 'risk_register',
  summary: 'Assessments of a subject (a supplier, a carrier, a market), newest first',
  input: z.object({ subject: z.string().min(1).max(200) }),
  output: z.object({
    subject: z.string(),
    assessments: z.array(
      z.object({
        risk_id: z.string(),
        assessed_on: z.string(),
        /** Likelihood times impact: 1 to 25. */
        rating: z.number().int(),
        exposure: moneySchema,
        status: z.string().nullable(),
        mitigation: z.string().nullable(),
      }),
    ),
  }),
  async handle({ subject }, context) {
    await requireRows(context, 'risk_assessments');
    const rows = await select<{ risk_id: string; assessed_on: string; rating: number; exposure: number; currency: string; status: string | null; mitigation: string | null }>(
      context,
      'SELECT risk_id, assessed_on, likelihood * impact AS rating, exposure, currency, status, mitigation FROM risk_assessments WHERE subject = $1 ORDER BY assessed_on DESC, risk_id DESC',
      subject,
    );
    return { subject, assessments: rows.map(({ exposure, currency, ...row }) => ({ ...row, exposure: toMoney(exposure, currency) })) };
  },
});

export const riskAgent = defineBusinessAgent({
  name: 'risk',
  tier: 4,
  summary: 'What may go wrong, and what it would cost',
  topics: ['risk', 'threat', 'exposure', 'mitigation', 'danger', 'dependency'],
  tables: ['risk_assessments'],
  facts: [
    {
      needs: ['risk_assessments'],
      async compute(collector) {
        const row = await collector.totals<{ assessments: number; severe: number; ratings: number | null; exposure: number | null }>(
          `SELECT COUNT(*) AS assessments, COUNT(*) FILTER (WHERE likelihood * impact >= ${SEVERE}) AS severe, CAST(SUM(likelihood * impact) AS BIGINT) AS ratings,
             CAST(SUM(exposure_eur) AS BIGINT) AS exposure
           FROM risk_assessments WHERE ${inPeriod}`,
        );
        collector.count('assessments', 'Risks assessed in the period', row.assessments);
        collector.count('severe', 'Severe risks assessed in the period', row.severe);
        collector.ratio('average_rating', 'Average rating: likelihood times impact', row.ratings, row.assessments);
        collector.money('exposure_total', 'Cost of all assessed risks together', row.exposure);
      },
    },
    {
      needs: ['risk_assessments.status'],
      async compute(collector) {
        const row = await collector.totals<{ open: number; exposure: number | null }>(
          `SELECT COUNT(*) AS open, CAST(SUM(exposure_eur) AS BIGINT) AS exposure FROM risk_assessments WHERE ${inPeriod} AND status = 'open'`,
        );
        collector.count('open', 'Risks of the period that are open', row.open);
        collector.money('open_exposure', 'Cost of the open risks', row.exposure);
      },
    },
    {
      needs: ['risk_assessments'],
      async compute(collector) {
        const worst = await collector.leader(
          `SELECT subject AS name, exposure_eur AS value FROM risk_assessments WHERE ${inPeriod} AND exposure_eur IS NOT NULL ORDER BY likelihood * impact DESC, exposure_eur DESC, risk_id LIMIT 1`,
        );
        collector.top('greatest', 'Greatest risk by rating, then by cost', worst, { name: 'exposure', label: 'Cost of the greatest risk', unit: 'money' });
      },
    },
  ],
  questions: [riskRegister],
});
