import { forbidden } from '../../../infra/embedded/llm/faults/forbidden.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmForbidden = gatewayFault('llm-forbidden', forbidden);
