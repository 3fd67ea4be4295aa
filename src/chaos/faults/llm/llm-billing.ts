import { billing } from '../../../infra/embedded/llm/faults/billing.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmBilling = gatewayFault('llm-billing', billing);
