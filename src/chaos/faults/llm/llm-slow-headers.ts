import { slowHeaders } from '../../../infra/embedded/llm/faults/slow-headers.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmSlowHeaders = gatewayFault('llm-slow-headers', slowHeaders);
