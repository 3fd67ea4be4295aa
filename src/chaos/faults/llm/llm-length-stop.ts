import { lengthStop } from '../../../infra/embedded/llm/faults/length-stop.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmLengthStop = gatewayFault('llm-length-stop', lengthStop);
