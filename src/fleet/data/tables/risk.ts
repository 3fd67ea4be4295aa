import { currency, date, defineTable, integer, key, money, optionalChoice, optionalText, text } from '../table.ts';

export const riskAssessments = defineTable({
  name: 'risk_assessments',
  owner: 'risk',
  summary: 'What may go wrong, how likely, and what it would cost',
  holds: 'events',
  key: 'risk_id',
  dated: 'assessed_on',
  columns: {
    risk_id: key,
    subject: text,
    kind: optionalChoice('supplier', 'carrier', 'market', 'customer', 'technology'),
    assessed_on: date,
    likelihood: integer(1, 5),
    impact: integer(1, 5),
    exposure: money,
    currency,
    status: optionalChoice('open', 'mitigated', 'accepted'),
    mitigation: optionalText,
  },
});
