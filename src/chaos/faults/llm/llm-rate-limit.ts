import { rateLimit } from '../../../infra/embedded/llm/faults/rate-limit.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmRateLimit = gatewayFault('llm-rate-limit', rateLimit);
