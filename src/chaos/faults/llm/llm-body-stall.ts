import { bodyStall } from '../../../infra/embedded/llm/faults/body-stall.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmBodyStall = gatewayFault('llm-body-stall', bodyStall);
