/** Facts as agents supply them: totals, averages, shares, rankings, texts, dates, zeros. */
export const sampleFacts = [
  { id: 'order.revenue_total', agent: 'order', label: 'Revenue of orders placed in the period', display: '1,234,567.89 EUR' },
  { id: 'order.count', agent: 'order', label: 'Orders placed in the period', display: '2,041 orders' },
  { id: 'order.average_value', agent: 'order', label: 'Average order value', display: '604.88 EUR' },
  { id: 'order.cancelled', agent: 'order', label: 'Cancelled orders', display: '57 orders' },
  { id: 'order.revenue_by_channel.amazon', agent: 'order', label: 'Revenue by channel', display: '700,100.00 EUR', subject: 'Amazon' },
  { id: 'order.revenue_by_channel.shop', agent: 'order', label: 'Revenue by channel', display: '400,467.89 EUR', subject: 'Shop' },
  { id: 'order.revenue_by_channel.ebay', agent: 'order', label: 'Revenue by channel', display: '134,000.00 EUR', subject: 'eBay' },
  { id: 'product.best_seller', agent: 'product', label: 'Best-selling product', display: 'Café Crème Set' },
  { id: 'product.count', agent: 'product', label: 'Products in the range', display: '120 products' },
  { id: 'payment.overdue', agent: 'payment', label: 'Overdue payments', display: '31 payments' },
  { id: 'payment.failed_rate', agent: 'payment', label: 'Share of failed payments', display: '2.4 %' },
  { id: 'payment.refunded', agent: 'payment', label: 'Refunds paid out', display: '48,210.10 EUR' },
  { id: 'transport.late', agent: 'transport', label: 'Late deliveries', display: '204 shipments' },
  { id: 'transport.on_time', agent: 'transport', label: 'Deliveries on time', display: '1,710 shipments' },
  { id: 'transport.on_time_rate', agent: 'transport', label: 'Deliveries on time by carrier', display: '91.2 %', subject: 'NordFracht' },
  { id: 'transport.on_time_rate_2', agent: 'transport', label: 'Deliveries on time by carrier', display: '84.7 %', subject: 'Zügig & Söhne' },
  { id: 'inventory.out_of_stock', agent: 'inventory', label: 'Products out of stock', display: '9 products' },
  { id: 'inventory.value', agent: 'inventory', label: 'Value of stock on hand', display: '310,555.00 EUR' },
  { id: 'warehouse.utilisation', agent: 'warehouse', label: 'Capacity used', display: '78.3 %', subject: 'Łódź' },
  { id: 'customer.repeat', agent: 'customer', label: 'Share of customers who ordered again', display: '37.5 %' },
  { id: 'quality.defects', agent: 'quality', label: 'Defects found in inspections', display: '0 defects' },
  { id: 'fraud.flagged', agent: 'fraud', label: 'Orders flagged as suspicious', display: '14 orders' },
  { id: 'transport.latest_carrier', agent: 'transport', label: 'Carrier with the most late parcels', display: 'NordFracht' },
  { id: 'transport.latest_carrier_late_parcels', agent: 'transport', label: 'Late parcels of that carrier', display: '84', subject: 'NordFracht' },
  { id: 'documents.invoices', agent: 'documents', label: 'Invoices issued in the period, without void ones', display: '2,040' },
  { id: 'documents.invoiced_total', agent: 'documents', label: 'Sum of these invoices', display: '466,199.55 EUR' },
  { id: 'aftersales.reason', agent: 'aftersales', label: 'Reason given most often for a return', display: 'changed my mind' },
  { id: 'knowledge.latest', agent: 'knowledge', label: 'Date of the latest article', display: '2026-10-28' },
];

export const question = 'How did we do, and what should we change by Q1 2027?';

export interface PromptParts {
  readonly section?: string;
  readonly facts?: readonly object[];
  readonly missing?: readonly string[];
  readonly question?: string;
}

export function promptOf({ section = 'summary', facts = sampleFacts, missing = [], question: asked = question }: PromptParts = {}): { role: 'system' | 'user'; content: string }[] {
  return [
    { role: 'system', content: `You write one section of a business report.\n<section>${section}</section>` },
    {
      role: 'user',
      content: [
        `<question>${asked}</question>`,
        '<period from="2025-11-01" to="2026-10-31"/>',
        '<facts>',
        ...facts.map((fact) => JSON.stringify(fact)),
        '</facts>',
        ...(missing.length === 0 ? [] : ['<missing>', ...missing, '</missing>']),
      ].join('\n'),
    },
  ];
}

export const sectionFormat = {
  type: 'json_schema' as const,
  json_schema: {
    name: 'section',
    strict: true,
    schema: {
      type: 'object',
      properties: {
        heading: { type: 'string' },
        paragraphs: { type: 'array', items: { type: 'string' } },
        items: { type: 'array', items: { type: 'string' } },
      },
      required: ['heading', 'paragraphs', 'items'],
      additionalProperties: false,
    },
  },
};

export interface SectionAnswer {
  readonly heading: string;
  readonly paragraphs: string[];
  readonly items: string[];
}
