import { requestTimeout } from '../../../infra/embedded/llm/faults/request-timeout.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmRequestTimeout = gatewayFault('llm-request-timeout', requestTimeout);
