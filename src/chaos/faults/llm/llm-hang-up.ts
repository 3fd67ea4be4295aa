import { hangUp } from '../../../infra/embedded/llm/faults/hang-up.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmHangUp = gatewayFault('llm-hang-up', hangUp);
