import { overloaded } from '../../../infra/embedded/llm/faults/overloaded.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmOverloaded = gatewayFault('llm-overloaded', overloaded);
