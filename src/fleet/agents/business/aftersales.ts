import { z } from 'zod';
import { defineBusinessAgent, defineQuestion } from './define-business-agent.ts';
import { daysBetween } from './fact-collector.ts';
import { findRecord, idSchema } from './records.ts';

const requested = 'requested_on BETWEEN $1 AND $2';
const opened = 'opened_on BETWEEN $1 AND $2';

const ticketStatus = defineQuestion({
  name: 'ticket_status',
  summary: 'How a question or complaint stands',
  input: z.object({ ticket_id: idSchema }),
  output: z.object({
    ticket_id: z.string(),
    customer_id: z.string(),
    topic: z.string().nullable(),
    priority: z.string().nullable(),
    opened_on: z.string(),
    closed_on: z.string().nullable(),
    satisfaction: z.number().int().nullable(),
  }),
  async handle({ ticket_id }, context) {
    const ticket = await findRecord<{
      customer_id: string;
      topic: string | null;
      priority: string | null;
      opened_on: string;
      closed_on: string | null;
      satisfaction: number | null;
    }>(context, 'tickets', 'ticket_id', ticket_id);
    const { customer_id, topic, priority, opened_on, closed_on, satisfaction } = ticket;
    return { ticket_id, customer_id, topic, priority, opened_on, closed_on, satisfaction };
  },
});

export const aftersalesAgent = defineBusinessAgent({
  name: 'aftersales',
  tier: 3,
  summary: 'Returns and complaints',
  topics: ['return', 'ticket', 'complaint', 'support', 'service', 'aftersale', 'warranty'],
  tables: ['returns', 'tickets'],
  facts: [
    {
      needs: ['returns'],
      async compute(collector) {
        const row = await collector.totals<{ returns: number; value: number | null }>(
          `SELECT COUNT(*) AS returns, CAST(SUM(value_eur) AS BIGINT) AS value FROM returns WHERE ${requested}`,
        );
        collector.count('returns', 'Returns requested in the period', row.returns);
        collector.money('returned_value', 'Value of the goods to be returned', row.value);
      },
    },
    {
      needs: ['returns.reason'],
      async compute(collector) {
        const best = await collector.leader(`SELECT reason AS name, COUNT(*) AS value FROM returns WHERE ${requested} AND reason IS NOT NULL GROUP BY reason ORDER BY value DESC, name LIMIT 1`);
        collector.top('top_return_reason', 'Reason given most often for a return', best, { name: 'returns', label: 'Returns for the most frequent reason', unit: 'count' });
      },
    },
    {
      needs: ['tickets'],
      async compute(collector) {
        const { tickets } = await collector.totals<{ tickets: number }>(`SELECT COUNT(*) AS tickets FROM tickets WHERE ${opened}`);
        collector.count('tickets', 'Tickets opened in the period', tickets);
      },
    },
    {
      needs: ['tickets.closed_on'],
      async compute(collector) {
        const { open } = await collector.totals<{ open: number }>(`SELECT COUNT(*) AS open FROM tickets WHERE ${opened} AND closed_on IS NULL`);
        collector.count('open_tickets', 'Tickets of the period that are not closed', open);
        const row = await collector.totals<{ closed: number; days: number | null }>(
          `SELECT COUNT(*) AS closed, CAST(SUM(${daysBetween(collector.dialect, 'opened_on', 'closed_on')}) AS BIGINT) AS days FROM tickets WHERE ${opened} AND closed_on IS NOT NULL`,
        );
        collector.meanDays('average_resolution', 'Average time until a ticket is closed', row.days, row.closed);
      },
    },
    {
      needs: ['tickets.satisfaction'],
      async compute(collector) {
        const row = await collector.totals<{ rated: number; points: number | null }>(
          `SELECT COUNT(satisfaction) AS rated, CAST(SUM(satisfaction) AS BIGINT) AS points FROM tickets WHERE ${opened}`,
        );
        collector.ratio('average_satisfaction', 'Average satisfaction with how a ticket was handled, on a scale up to five', row.points, row.rated);
      },
    },
    {
      needs: ['tickets.topic'],
      async compute(collector) {
        const best = await collector.leader(`SELECT topic AS name, COUNT(*) AS value FROM tickets WHERE ${opened} AND topic IS NOT NULL GROUP BY topic ORDER BY value DESC, name LIMIT 1`);
        collector.top('top_topic', 'Topic of most tickets', best, { name: 'tickets', label: 'Tickets on the most frequent topic', unit: 'count' });
      },
    },
  ],
  questions: [ticketStatus],
});
