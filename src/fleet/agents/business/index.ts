import { aftersalesAgent } from './aftersales.ts';
import { backofficeAgent } from './backoffice.ts';
import { customerAgent } from './customer.ts';
import type { BusinessAgentDefinition } from './define-business-agent.ts';
import { documentsAgent } from './documents.ts';
import { fraudAgent } from './fraud.ts';
import { inventoryAgent } from './inventory.ts';
import { knowledgeAgent } from './knowledge.ts';
import { marketplaceAgent } from './marketplace.ts';
import { orderAgent } from './order.ts';
import { paymentAgent } from './payment.ts';
import { productAgent } from './product.ts';
import { qualityAgent } from './quality.ts';
import { riskAgent } from './risk.ts';
import { transportAgent } from './transport.ts';
import { warehouseAgent } from './warehouse.ts';

/** The fifteen business agents, tier by tier (F05). */
export const businessAgents = [
  orderAgent,
  productAgent,
  paymentAgent,
  transportAgent,
  documentsAgent,
  inventoryAgent,
  warehouseAgent,
  customerAgent,
  marketplaceAgent,
  aftersalesAgent,
  qualityAgent,
  backofficeAgent,
  knowledgeAgent,
  fraudAgent,
  riskAgent,
] as const satisfies readonly BusinessAgentDefinition[];

export type { BusinessAgentDefinition } from './define-business-agent.ts';
