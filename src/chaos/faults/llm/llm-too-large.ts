import { tooLarge } from '../../../infra/embedded/llm/faults/too-large.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmTooLarge = gatewayFault('llm-too-large', tooLarge);
