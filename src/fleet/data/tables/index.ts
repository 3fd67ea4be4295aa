import type { TableSpec } from '../table.ts';
import { returns, tickets } from './aftersales.ts';
import { costs, staff, tasks } from './backoffice.ts';
import { customerFeedback, customers } from './customer.ts';
import { documents } from './documents.ts';
import { fraudAlerts } from './fraud.ts';
import { fxRates } from './fx-rates.ts';
import { inventory } from './inventory.ts';
import { articles } from './knowledge.ts';
import { marketplaceListings, marketplaceSales } from './marketplace.ts';
import { orderLines, orders } from './order.ts';
import { payments, refunds } from './payment.ts';
import { priceChanges, products } from './product.ts';
import { inspections } from './quality.ts';
import { riskAssessments } from './risk.ts';
import { shipments } from './transport.ts';
import { stockMovements, warehouses } from './warehouse.ts';

/** Every business table; a table stands after those it refers to, which is also the order of reading and loading. */
export const businessTables = [
  fxRates,
  products,
  priceChanges,
  customers,
  customerFeedback,
  warehouses,
  orders,
  orderLines,
  payments,
  refunds,
  shipments,
  documents,
  inventory,
  stockMovements,
  marketplaceListings,
  marketplaceSales,
  returns,
  tickets,
  inspections,
  staff,
  costs,
  tasks,
  articles,
  fraudAlerts,
  riskAssessments,
] as const;

export type TableName = (typeof businessTables)[number]['name'];

const byName: ReadonlyMap<string, TableSpec> = new Map(businessTables.map((table) => [table.name, table]));

export const tableNames: readonly string[] = [...byName.keys()];

export function findTable(name: string): TableSpec | undefined {
  return byName.get(name);
}
