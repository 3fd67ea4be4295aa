import { midStreamStall } from '../../../infra/embedded/llm/faults/mid-stream-stall.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmMidStreamStall = gatewayFault('llm-mid-stream-stall', midStreamStall);
