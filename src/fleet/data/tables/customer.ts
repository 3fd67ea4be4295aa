import { date, defineTable, integer, key, optionalBoolean, optionalChoice, optionalText, reference, text } from '../table.ts';

export const customers = defineTable({
  name: 'customers',
  owner: 'customer',
  summary: 'Who buys',
  holds: 'state',
  key: 'customer_id',
  dated: 'registered_on',
  columns: {
    customer_id: key,
    name: text,
    email: optionalText,
    city: optionalText,
    country: optionalText,
    segment: optionalChoice('consumer', 'business', 'reseller'),
    registered_on: date,
    marketing_consent: optionalBoolean,
  },
});

export const customerFeedback = defineTable({
  name: 'customer_feedback',
  owner: 'customer',
  summary: 'Answers to "how likely are you to recommend us?"',
  holds: 'events',
  key: 'feedback_id',
  dated: 'given_on',
  columns: {
    feedback_id: key,
    customer_id: reference('customers'),
    given_on: date,
    score: integer(0, 10),
    comment: optionalText,
  },
});
