import { badKey } from '../../../infra/embedded/llm/faults/bad-key.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmBadKey = gatewayFault('llm-bad-key', badKey);
