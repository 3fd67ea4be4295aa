import { currency, date, defineTable, key, money, optionalChoice, optionalDate, optionalReference } from '../table.ts';

export const documents = defineTable({
  name: 'documents',
  owner: 'documents',
  summary: 'Invoices, credit notes and other papers',
  holds: 'events',
  key: 'document_id',
  dated: 'issued_on',
  columns: {
    document_id: key,
    order_id: optionalReference('orders'),
    kind: optionalChoice('invoice', 'credit_note', 'delivery_note', 'customs'),
    issued_on: date,
    due_on: optionalDate,
    settled_on: optionalDate,
    status: optionalChoice('open', 'settled', 'void'),
    amount: money,
    currency,
  },
});
