import { stallWithHeartbeats } from '../../../infra/embedded/llm/faults/stall-with-heartbeats.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmStallWithHeartbeats = gatewayFault('llm-stall-with-heartbeats', stallWithHeartbeats);
