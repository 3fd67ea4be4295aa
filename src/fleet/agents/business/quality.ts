import { z } from 'zod';
import { defineBusinessAgent, defineQuestion } from './define-business-agent.ts';
import { idSchema, requireRows, select } from './records.ts';

const inPeriod = 'inspected_on BETWEEN $1 AND $2';

const qualityRecord = defineQuestion({
  name: 'quality_record',
  summary: 'Inspections of a product and what they found',
  input: z.object({ product_id: idSchema }),
  output: z.object({
    product_id: z.string(),
    inspections: z.number().int(),
    inspected_units: z.number().int(),
    defects: z.number().int(),
    last_inspected_on: z.string().nullable(),
    last_verdict: z.string().nullable(),
  }),
  async handle({ product_id }, context) {
    await requireRows(context, 'inspections');
    const [sums] = await select<{ inspections: number; units: number | null; defects: number | null }>(
      context,
      'SELECT COUNT(*) AS inspections, CAST(SUM(sample_size) AS BIGINT) AS units, CAST(SUM(defects) AS BIGINT) AS defects FROM inspections WHERE product_id = $1',
      product_id,
    );
    const [last] = await select<{ inspected_on: string; verdict: string | null }>(
      context,
      'SELECT inspected_on, verdict FROM inspections WHERE product_id = $1 ORDER BY inspected_on DESC, inspection_id DESC LIMIT 1',
      product_id,
    );
    return {
      product_id,
      inspections: sums?.inspections ?? 0,
      inspected_units: sums?.units ?? 0,
      defects: sums?.defects ?? 0,
      last_inspected_on: last?.inspected_on ?? null,
      last_verdict: last?.verdict ?? null,
    };
  },
});

export const qualityAgent = defineBusinessAgent({
  name: 'quality',
  tier: 3,
  summary: 'Inspections and defects',
  topics: ['quality', 'defect', 'inspection', 'fault', 'rework'],
  tables: ['inspections'],
  facts: [
    {
      needs: ['inspections'],
      async compute(collector) {
        const row = await collector.totals<{ inspections: number; units: number | null; defects: number | null }>(
          `SELECT COUNT(*) AS inspections, CAST(SUM(sample_size) AS BIGINT) AS units, CAST(SUM(defects) AS BIGINT) AS defects FROM inspections WHERE ${inPeriod}`,
        );
        collector.count('inspections', 'Inspections in the period', row.inspections);
        collector.count('inspected_units', 'Units inspected', row.units);
        collector.count('defects', 'Defective units found', row.defects);
        collector.share('defect_share', 'Share of inspected units that were defective', row.defects, row.units);
      },
    },
    {
      needs: ['inspections.verdict'],
      async compute(collector) {
        const row = await collector.totals<{ judged: number; failed: number }>(
          `SELECT COUNT(verdict) AS judged, COUNT(*) FILTER (WHERE verdict = 'fail') AS failed FROM inspections WHERE ${inPeriod}`,
        );
        collector.count('failed', 'Inspections that rejected the goods', row.failed);
        collector.share('failed_share', 'Share of inspections that rejected the goods', row.failed, row.judged);
      },
    },
    {
      needs: ['inspections.defect_kind'],
      async compute(collector) {
        const worst = await collector.leader(
          `SELECT defect_kind AS name, CAST(SUM(defects) AS BIGINT) AS value FROM inspections WHERE ${inPeriod} AND defect_kind IS NOT NULL GROUP BY defect_kind ORDER BY value DESC, name LIMIT 1`,
        );
        collector.top('top_defect', 'Kind of defect found most often', worst, { name: 'units', label: 'Units with the most frequent defect', unit: 'count' });
      },
    },
  ],
  questions: [qualityRecord],
});
