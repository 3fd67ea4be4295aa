import { currency, date, defineTable, key, money, optionalChoice, optionalDate, optionalInteger, optionalReference, optionalText, text } from '../table.ts';

export const costs = defineTable({
  name: 'costs',
  owner: 'backoffice',
  summary: 'What running the company costs',
  holds: 'events',
  key: 'cost_id',
  dated: 'booked_on',
  columns: {
    cost_id: key,
    booked_on: date,
    category: optionalText,
    supplier: optionalText,
    amount: money,
    currency,
    description: optionalText,
  },
});

export const staff = defineTable({
  name: 'staff',
  owner: 'backoffice',
  summary: 'Who works here',
  holds: 'state',
  key: 'staff_id',
  dated: 'joined_on',
  columns: {
    staff_id: key,
    name: text,
    team: optionalText,
    weekly_hours: optionalInteger(1, 80),
    joined_on: date,
    left_on: optionalDate,
  },
});

export const tasks = defineTable({
  name: 'tasks',
  owner: 'backoffice',
  summary: 'Office work to be done',
  holds: 'events',
  key: 'task_id',
  dated: 'created_on',
  columns: {
    task_id: key,
    staff_id: optionalReference('staff'),
    title: text,
    priority: optionalChoice('low', 'normal', 'high'),
    created_on: date,
    due_on: optionalDate,
    done_on: optionalDate,
  },
});
