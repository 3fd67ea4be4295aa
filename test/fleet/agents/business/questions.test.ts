import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ActionContext } from '../../../../src/fleet/agents/action.ts';
import { businessAgents } from '../../../../src/fleet/agents/business/index.ts';
import { readGoodDataset, sqliteWith } from '../../../helpers/business-data.ts';
import type { SqliteDatabase } from '../../../helpers/sqlite-database.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';

/** A small world of which everything is known. */
const files = {
  'fx_rates.csv': 'rate_id,currency,valid_on,eur_per_unit\n1,USD,2024-01-01,0.9\n',
  'products.csv': 'product_id,name,category,price,currency,active\nP-1,Füller “Élan”,Büro,12.50,EUR,true\nP-2,Lamp,,9.00,USD,\n',
  'customers.csv': 'customer_id,name,country,segment,registered_on\nC-1,Jörg Weiß,DE,consumer,2024-05-01\n',
  'customer_feedback.csv': 'feedback_id,customer_id,given_on,score,comment\nF-1,C-1,2025-01-09,9,"good,\nfast"\n',
  'warehouses.csv': 'warehouse_id,name,city,capacity_units\nW-1,Köln-Süd,Köln,100\nW-2,Zürich,,\n',
  'orders.csv': 'order_id,customer_id,ordered_on,status,total,currency\nO-1,C-1,2025-01-05,shipped,34.00,EUR\nO-2,C-1,2025-01-06,placed,9.00,USD\n',
  'order_lines.csv': 'line_id,order_id,product_id,ordered_on,description,quantity,unit_price,line_total,currency\nL-1,O-1,P-1,2025-01-05,Pen,2,12.50,25.00,EUR\nL-2,O-1,P-2,2025-01-05,Lamp,1,9.00,9.00,EUR\nL-3,O-2,P-2,2025-01-06,Lamp,8,9.00,72.00,USD\n',
  'payments.csv': 'payment_id,order_id,paid_on,method,status,amount,currency\nPAY-1,O-1,2025-01-05,card,failed,34.00,EUR\nPAY-2,O-1,2025-01-06,card,captured,34.00,EUR\n',
  'refunds.csv': 'refund_id,payment_id,refunded_on,amount,currency\nR-1,PAY-2,2025-01-20,9.00,EUR\n',
  'shipments.csv': 'shipment_id,order_id,carrier,shipped_on,promised_on,delivered_on,status,cost,currency\nS-1,O-1,DHL,2025-01-06,2025-01-08,,in_transit,4.90,EUR\n',
  'documents.csv': 'document_id,order_id,kind,issued_on,due_on,status,amount,currency\nRE-1,O-1,invoice,2025-01-05,2025-01-19,open,34.00,EUR\n',
  'inventory.csv': 'stock_id,product_id,warehouse_id,quantity,reserved,unit_cost,currency,counted_on\n1,P-1,W-1,5,2,6.00,EUR,2025-01-01\n2,P-2,W-2,4,,3.00,EUR,2025-01-02\n3,P-2,W-1,1,1,3.00,EUR,2025-01-01\n',
  'stock_movements.csv': 'movement_id,warehouse_id,moved_on,kind,quantity\n1,W-1,2025-01-03,inbound,10\n2,W-1,2025-01-04,inbound,5\n3,W-1,2025-01-05,outbound,3\n',
  'marketplace_listings.csv': 'listing_id,product_id,marketplace,title,price,currency,active,listed_on\nML-1,P-1,Amazon,Pen,14.00,USD,false,2024-06-01\n',
  'tickets.csv': 'ticket_id,customer_id,opened_on,closed_on,topic,priority,satisfaction\nT-1,C-1,2025-01-07,,delivery,high,\n',
  'inspections.csv': 'inspection_id,product_id,inspected_on,sample_size,defects,verdict\n1,P-1,2025-01-02,20,3,rework\n2,P-1,2025-01-03,30,0,pass\n',
  'staff.csv': 'staff_id,name,joined_on\nE-1,Ayşe Yılmaz,2020-01-01\n',
  'tasks.csv': 'task_id,staff_id,title,priority,created_on,due_on,done_on\nK-1,E-1,low one,low,2025-01-01,2025-01-02,\nK-2,,urgent one,high,2025-01-01,,\nK-3,E-1,done one,high,2025-01-01,,2025-01-02\nK-4,E-1,later,,2025-02-01,,\n',
  'articles.csv': 'article_id,title,language,published_on,body\nA-1,Rückgabe: so geht es,de,2024-01-01,Etikett drucken\nA-2,How to return,en,2024-01-01,Print the label for a Rückgabe\n',
  'fraud_alerts.csv': 'alert_id,order_id,raised_on,rule,score,outcome,amount,currency\nFA-1,O-2,2025-01-06,velocity,40,open,9.00,USD\nFA-2,O-2,2025-01-06,new device,81,confirmed,9.00,USD\n',
  'risk_assessments.csv': 'risk_id,subject,assessed_on,likelihood,impact,exposure,currency,status\nRK-1,DHL,2025-01-01,3,4,1000.00,EUR,open\n',
};

let database: SqliteDatabase;
beforeAll(async () => {
  await using folder = await tempFolder(files);
  database = await sqliteWith(await readGoodDataset(folder.path));
});
afterAll(() => database[Symbol.dispose]());

/** Asks an agent as the fleet does: through both schemas, agents reaching each other by `ask` only. */
async function ask(agentName: string, action: string, input: object, on = database): Promise<unknown> {
  const question = businessAgents.find(({ name }) => name === agentName)?.questions.find(({ name }) => name === action);
  if (question === undefined) throw new Error(`no ${agentName}.${action}`);
  const context: ActionContext = {
    database: on,
    correlationId: 'c0ffee',
    signal: new AbortController().signal,
    readOnly: false,
    ask: async <Output>(other: string, otherAction: string, otherInput: object) => {
      asked.push(`${other}.${otherAction} ${JSON.stringify(otherInput)}`);
      return (await ask(other, otherAction, otherInput, on)) as Output;
    },
  };
  const untyped = question as { handle(input: object, context: ActionContext): Promise<object> };
  return question.output.parse(await untyped.handle(question.input.parse(input), context));
}
const asked: string[] = [];

const eur = (minor: number, display: string): object => ({ minor_units: minor, currency: 'EUR', display });

test.each([
  ['order', 'order_status', { order_id: 'O-1' }, { order_id: 'O-1', status: 'shipped', ordered_on: '2025-01-05', total: eur(3400, '34.00 EUR'), lines: [{ product_id: 'P-1', description: 'Pen', quantity: 2 }, { product_id: 'P-2', description: 'Lamp', quantity: 1 }] }],
  ['product', 'product_details', { product_id: 'P-2' }, { product_id: 'P-2', name: 'Lamp', category: null, price: { minor_units: 900, currency: 'USD', display: '9.00 USD' }, active: null, launched_on: null, weight_g: null }],
  ['payment', 'payment_status', { order_id: 'O-1' }, {
    order_id: 'O-1',
    paid: true,
    payments: [
      { payment_id: 'PAY-1', paid_on: '2025-01-05', method: 'card', status: 'failed', amount: eur(3400, '34.00 EUR') },
      { payment_id: 'PAY-2', paid_on: '2025-01-06', method: 'card', status: 'captured', amount: eur(3400, '34.00 EUR') },
    ],
    refunds: [{ refund_id: 'R-1', refunded_on: '2025-01-20', amount: eur(900, '9.00 EUR') }],
  }],
  ['transport', 'shipment_tracking', { order_id: 'O-1' }, { order_id: 'O-1', shipments: [{ shipment_id: 'S-1', carrier: 'DHL', status: 'in_transit', shipped_on: '2025-01-06', promised_on: '2025-01-08', delivered_on: null }] }],
  ['documents', 'order_documents', { order_id: 'O-1' }, { order_id: 'O-1', documents: [{ document_id: 'RE-1', kind: 'invoice', issued_on: '2025-01-05', due_on: '2025-01-19', status: 'open', amount: eur(3400, '34.00 EUR') }] }],
  ['inventory', 'inventory_check', { product_id: 'P-2' }, { product_id: 'P-2', in_stock: true, quantity: 4, warehouses: [{ warehouse_id: 'W-1', quantity: 0, counted_on: '2025-01-01' }, { warehouse_id: 'W-2', quantity: 4, counted_on: '2025-01-02' }] }],
  ['inventory', 'inventory_check', { product_id: 'P-9' }, { product_id: 'P-9', in_stock: false, quantity: 0, warehouses: [] }],
  ['warehouse', 'warehouse_activity', { warehouse_id: 'W-1' }, { warehouse_id: 'W-1', name: 'Köln-Süd', city: 'Köln', capacity_units: 100, movements: [{ kind: 'inbound', movements: 2, units: 15 }, { kind: 'outbound', movements: 1, units: 3 }] }],
  ['customer', 'customer_profile', { customer_id: 'C-1' }, { customer_id: 'C-1', name: 'Jörg Weiß', country: 'DE', city: null, segment: 'consumer', registered_on: '2024-05-01', feedback: [{ given_on: '2025-01-09', score: 9, comment: 'good,\nfast' }] }],
  ['marketplace', 'product_listings', { product_id: 'P-1' }, { product_id: 'P-1', listings: [{ listing_id: 'ML-1', marketplace: 'Amazon', title: 'Pen', active: false, price: { minor_units: 1400, currency: 'USD', display: '14.00 USD' } }] }],
  ['aftersales', 'ticket_status', { ticket_id: 'T-1' }, { ticket_id: 'T-1', customer_id: 'C-1', topic: 'delivery', priority: 'high', opened_on: '2025-01-07', closed_on: null, satisfaction: null }],
  ['quality', 'quality_record', { product_id: 'P-1' }, { product_id: 'P-1', inspections: 2, inspected_units: 50, defects: 3, last_inspected_on: '2025-01-03', last_verdict: 'pass' }],
  ['backoffice', 'open_tasks', { on: '2025-01-10' }, { tasks: [{ task_id: 'K-2', title: 'urgent one', priority: 'high', due_on: null, assigned_to: null }, { task_id: 'K-1', title: 'low one', priority: 'low', due_on: '2025-01-02', assigned_to: 'Ayşe Yılmaz' }] }],
  ['knowledge', 'article_search', { query: 'How does a RUCKGABE work?' }, { articles: [{ article_id: 'A-2', title: 'How to return', language: 'en', body: 'Print the label for a Rückgabe', relevance: 4 }, { article_id: 'A-1', title: 'Rückgabe: so geht es', language: 'de', body: 'Etikett drucken', relevance: 3 }] }],
  ['fraud', 'fraud_score', { order_id: 'O-2' }, { order_id: 'O-2', score: 81, alerts: [{ alert_id: 'FA-2', raised_on: '2025-01-06', rule: 'new device', score: 81, outcome: 'confirmed' }, { alert_id: 'FA-1', raised_on: '2025-01-06', rule: 'velocity', score: 40, outcome: 'open' }] }],
  ['fraud', 'fraud_score', { order_id: 'O-1' }, { order_id: 'O-1', score: null, alerts: [] }],
  ['risk', 'risk_register', { subject: 'DHL' }, { subject: 'DHL', assessments: [{ risk_id: 'RK-1', assessed_on: '2025-01-01', rating: 12, exposure: eur(100_000, '1,000.00 EUR'), status: 'open', mitigation: null }] }],
])('F05 %s answers %s of %o', async (agent, action, input, answer) => {
  expect(await ask(agent, action, input)).toEqual(answer);
});

test('F07 order_availability asks the inventory agent, product by product', async () => {
  asked.length = 0;
  database.statements.length = 0;
  expect(await ask('order', 'order_availability', { order_id: 'O-1' })).toEqual({
    order_id: 'O-1',
    available: true,
    lines: [{ product_id: 'P-1', wanted: 2, quantity: 3, in_stock: true }, { product_id: 'P-2', wanted: 1, quantity: 4, in_stock: true }],
  });
  expect(asked).toEqual(['inventory.inventory_check {"product_id":"P-1"}', 'inventory.inventory_check {"product_id":"P-2"}']);
  expect(await ask('order', 'order_availability', { order_id: 'O-2' })).toMatchObject({ available: false, lines: [{ wanted: 8, quantity: 4, in_stock: false }] });
});

test.each([
  ['order', 'order_status', { order_id: 'O-99' }],
  ['order', 'order_availability', { order_id: 'O-99' }],
  ['product', 'product_details', { product_id: 'P-99' }],
  ['warehouse', 'warehouse_activity', { warehouse_id: 'W-99' }],
  ['customer', 'customer_profile', { customer_id: 'C-99' }],
  ['aftersales', 'ticket_status', { ticket_id: 'T-99' }],
])('F05 %s.%s says that it does not know %o', async (agent, action, input) => {
  await expect(ask(agent, action, input)).rejects.toMatchObject({ code: 'RECORD_NOT_FOUND', recovery: 'fail', message: expect.stringContaining(String(Object.values(input)[0])) });
});

test('D05 no question is answered from a table that holds nothing', async () => {
  await using folder = await tempFolder({ 'price_changes.csv': 'change_id,product_id,changed_on,old_price,new_price,currency\n1,P-1,2025-01-01,1.00,2.00,EUR\n' });
  using empty = await sqliteWith(await readGoodDataset(folder.path));
  const inputs = { order_id: 'O-1', product_id: 'P-1', warehouse_id: 'W-1', customer_id: 'C-1', ticket_id: 'T-1', on: '2025-01-01', query: 'return', subject: 'DHL' };
  for (const { name, questions } of businessAgents) {
    for (const question of questions) {
      const input = Object.fromEntries(Object.entries(inputs).filter(([key]) => key in (question.input as unknown as { shape: object }).shape));
      await expect(ask(name, question.name, input, empty)).rejects.toMatchObject({ code: 'DATA_MISSING', recovery: 'degrade' });
    }
  }
});

test('N07 input that fits no schema is refused', async () => {
  await expect(ask('order', 'order_status', { order_id: '' })).rejects.toThrow('order_id');
  await expect(ask('backoffice', 'open_tasks', { on: 'tomorrow' })).rejects.toThrow('Invalid ISO date');
  await expect(ask('knowledge', 'article_search', { query: 'x', limit: 1_000 })).rejects.toThrow('limit');
});
