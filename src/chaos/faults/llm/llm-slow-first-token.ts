import { slowFirstToken } from '../../../infra/embedded/llm/faults/slow-first-token.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmSlowFirstToken = gatewayFault('llm-slow-first-token', slowFirstToken);
