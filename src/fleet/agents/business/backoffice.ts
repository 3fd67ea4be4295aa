import { z } from 'zod';
import { defineBusinessAgent, defineQuestion } from './define-business-agent.ts';
import { requireRows, select } from './records.ts';

const booked = 'booked_on BETWEEN $1 AND $2';
const created = 'created_on BETWEEN $1 AND $2';

const openTasks = defineQuestion({
  name: 'open_tasks',
  summary: 'Office tasks not done by a day, the most pressing first',
  input: z.object({ on: z.iso.date(), limit: z.number().int().min(1).max(100).default(20) }),
  output: z.object({
    tasks: z.array(z.object({ task_id: z.string(), title: z.string(), priority: z.string().nullable(), due_on: z.string().nullable(), assigned_to: z.string().nullable() })),
  }),
  async handle({ on, limit }, context) {
    await requireRows(context, 'tasks');
    const tasks = await select<{ task_id: string; title: string; priority: string | null; due_on: string | null; assigned_to: string | null }>(
      context,
      `SELECT task_id, title, priority, due_on, staff.name AS assigned_to FROM tasks LEFT JOIN staff ON staff.staff_id = tasks.staff_id
       WHERE created_on <= $1 AND (done_on IS NULL OR done_on > $1)
       ORDER BY CASE priority WHEN 'high' THEN 0 WHEN 'low' THEN 2 ELSE 1 END, COALESCE(due_on, '9999'), task_id LIMIT $2`,
      on,
      limit,
    );
    return { tasks };
  },
});

export const backofficeAgent = defineBusinessAgent({
  name: 'backoffice',
  tier: 4,
  summary: 'Costs, staff, and office work',
  topics: ['cost', 'expense', 'staff', 'employee', 'team', 'task', 'budget', 'office', 'supplier', 'rent', 'payroll'],
  tables: ['costs', 'staff', 'tasks'],
  facts: [
    {
      needs: ['costs'],
      async compute(collector) {
        const { total } = await collector.totals<{ total: number | null }>(`SELECT CAST(SUM(amount_eur) AS BIGINT) AS total FROM costs WHERE ${booked}`);
        collector.money('costs_total', 'Costs booked in the period', total);
      },
    },
    {
      needs: ['costs.category'],
      async compute(collector) {
        const best = await collector.leader(
          `SELECT category AS name, CAST(SUM(amount_eur) AS BIGINT) AS value FROM costs WHERE ${booked} AND category IS NOT NULL AND amount_eur IS NOT NULL GROUP BY category ORDER BY value DESC, name LIMIT 1`,
        );
        collector.top('top_category', 'Largest category of costs', best, { name: 'costs', label: 'Costs in the largest category', unit: 'money' });
      },
    },
    {
      needs: ['staff'],
      async compute(collector) {
        const row = await collector.totals<{ people: number; joined: number }>(
          'SELECT COUNT(*) AS people, COUNT(*) FILTER (WHERE joined_on >= $1) AS joined FROM staff WHERE joined_on <= $2 AND (left_on IS NULL OR left_on > $2)',
        );
        collector.count('staff', 'People employed at the end of the period', row.people);
        collector.count('staff_joined', 'People who joined in the period', row.joined);
      },
    },
    {
      needs: ['tasks'],
      async compute(collector) {
        const { tasks } = await collector.totals<{ tasks: number }>(`SELECT COUNT(*) AS tasks FROM tasks WHERE ${created}`);
        collector.count('tasks', 'Office tasks created in the period', tasks);
      },
    },
    {
      needs: ['tasks.done_on'],
      async compute(collector) {
        const { open } = await collector.totals<{ open: number }>(`SELECT COUNT(*) AS open FROM tasks WHERE ${created} AND (done_on IS NULL OR done_on > $2)`);
        collector.count('open_tasks', 'Office tasks created in the period and not done by its end', open);
      },
    },
    {
      needs: ['tasks.due_on', 'tasks.done_on'],
      async compute(collector) {
        const row = await collector.totals<{ judged: number; punctual: number }>(
          `SELECT COUNT(*) AS judged, COUNT(*) FILTER (WHERE done_on <= due_on) AS punctual FROM tasks WHERE ${created} AND done_on IS NOT NULL AND due_on IS NOT NULL`,
        );
        collector.share('tasks_on_time_share', 'Share of finished tasks that were done by their due day', row.punctual, row.judged);
      },
    },
  ],
  questions: [openTasks],
});
