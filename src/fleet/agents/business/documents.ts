import { z } from 'zod';
import { defineBusinessAgent, defineQuestion } from './define-business-agent.ts';
import { daysBetween } from './fact-collector.ts';
import { idSchema, moneySchema, requireRows, select, toMoney } from './records.ts';

const invoices = `kind = 'invoice' AND COALESCE(status, '') <> 'void'`;
const inPeriod = 'issued_on BETWEEN $1 AND $2';

const orderDocuments = defineQuestion({
  name: 'order_documents',
  summary: 'Papers that were issued for an order',
  input: z.object({ order_id: idSchema }),
  output: z.object({
    order_id: z.string(),
    documents: z.array(z.object({ document_id: z.string(), kind: z.string().nullable(), issued_on: z.string(), due_on: z.string().nullable(), status: z.string().nullable(), amount: moneySchema })),
  }),
  async handle({ order_id }, context) {
    await requireRows(context, 'documents');
    const rows = await select<{ document_id: string; kind: string | null; issued_on: string; due_on: string | null; status: string | null; amount: number; currency: string }>(
      context,
      'SELECT document_id, kind, issued_on, due_on, status, amount, currency FROM documents WHERE order_id = $1 ORDER BY issued_on, document_id',
      order_id,
    );
    return { order_id, documents: rows.map(({ amount, currency, ...row }) => ({ ...row, amount: toMoney(amount, currency) })) };
  },
});

export const documentsAgent = defineBusinessAgent({
  name: 'documents',
  tier: 1,
  summary: 'Invoices and credit notes: issued, settled, overdue',
  topics: ['document', 'invoice', 'credit', 'receivable', 'overdue', 'billing', 'paper'],
  tables: ['documents'],
  facts: [
    {
      needs: ['documents.kind'],
      async compute(collector) {
        const row = await collector.totals<{ issued: number; invoiced: number | null; notes: number; credited: number | null }>(
          `SELECT COUNT(*) FILTER (WHERE ${invoices}) AS issued, CAST(SUM(amount_eur) FILTER (WHERE ${invoices}) AS BIGINT) AS invoiced,
             COUNT(*) FILTER (WHERE kind = 'credit_note') AS notes, CAST(SUM(amount_eur) FILTER (WHERE kind = 'credit_note') AS BIGINT) AS credited
           FROM documents WHERE ${inPeriod}`,
        );
        collector.count('invoices', 'Invoices issued in the period', row.issued);
        collector.money('invoiced_total', 'Sum of invoices issued in the period', row.invoiced);
        collector.count('credit_notes', 'Credit notes issued in the period', row.notes);
        collector.money('credited_total', 'Sum of credit notes issued in the period', row.credited);
      },
    },
    {
      needs: ['documents.kind', 'documents.status'],
      async compute(collector) {
        const row = await collector.totals<{ count: number; amount: number | null }>(
          `SELECT COUNT(*) AS count, CAST(SUM(amount_eur) AS BIGINT) AS amount FROM documents WHERE ${inPeriod} AND kind = 'invoice' AND status = 'open'`,
        );
        collector.count('open_invoices', 'Invoices of the period that are still open', row.count);
        collector.money('open_total', 'Sum of the open invoices', row.amount);
      },
    },
    {
      needs: ['documents.kind', 'documents.status', 'documents.due_on'],
      async compute(collector) {
        const row = await collector.totals<{ count: number }>(
          `SELECT COUNT(*) AS count FROM documents WHERE ${inPeriod} AND kind = 'invoice' AND status = 'open' AND due_on < $2`,
        );
        collector.count('overdue_invoices', 'Open invoices that were due before the end of the period', row.count);
      },
    },
    {
      needs: ['documents.kind', 'documents.settled_on'],
      async compute(collector) {
        const row = await collector.totals<{ settled: number; days: number | null }>(
          `SELECT COUNT(*) AS settled, CAST(SUM(${daysBetween(collector.dialect, 'issued_on', 'settled_on')}) AS BIGINT) AS days FROM documents WHERE ${inPeriod} AND ${invoices} AND settled_on IS NOT NULL`,
        );
        collector.meanDays('average_settlement', 'Average time until an invoice is settled', row.days, row.settled);
      },
    },
  ],
  questions: [orderDocuments],
});
