import { slowTokens } from '../../../infra/embedded/llm/faults/slow-tokens.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmSlowTokens = gatewayFault('llm-slow-tokens', slowTokens);
