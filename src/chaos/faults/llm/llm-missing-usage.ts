import { missingUsage } from '../../../infra/embedded/llm/faults/missing-usage.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmMissingUsage = gatewayFault('llm-missing-usage', missingUsage);
