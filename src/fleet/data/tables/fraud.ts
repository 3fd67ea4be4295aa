import { currency, date, defineTable, integer, key, money, optionalChoice, optionalDate, optionalText, reference } from '../table.ts';

export const fraudAlerts = defineTable({
  name: 'fraud_alerts',
  owner: 'fraud',
  summary: 'Orders that looked suspicious',
  holds: 'events',
  key: 'alert_id',
  dated: 'raised_on',
  columns: {
    alert_id: key,
    order_id: reference('orders'),
    raised_on: date,
    closed_on: optionalDate,
    rule: optionalText,
    score: integer(0, 100),
    outcome: optionalChoice('open', 'confirmed', 'false_alarm'),
    amount: money,
    currency,
  },
});
