import { quotaExhausted } from '../../../infra/embedded/llm/faults/quota-exhausted.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmQuotaExhausted = gatewayFault('llm-quota-exhausted', quotaExhausted);
