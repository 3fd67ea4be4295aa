import { date, defineTable, integer, key, optionalChoice, optionalReference, optionalText, reference } from '../table.ts';

export const inspections = defineTable({
  name: 'inspections',
  owner: 'quality',
  summary: 'Samples that were checked',
  holds: 'events',
  key: 'inspection_id',
  dated: 'inspected_on',
  columns: {
    inspection_id: key,
    product_id: reference('products'),
    warehouse_id: optionalReference('warehouses'),
    inspected_on: date,
    sample_size: integer(1, 1_000_000),
    defects: integer(0, 1_000_000),
    verdict: optionalChoice('pass', 'rework', 'fail'),
    defect_kind: optionalText,
    note: optionalText,
  },
});
