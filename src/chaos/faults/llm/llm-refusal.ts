import { refusal } from '../../../infra/embedded/llm/faults/refusal.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmRefusal = gatewayFault('llm-refusal', refusal);
