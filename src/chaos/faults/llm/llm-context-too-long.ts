import { contextTooLong } from '../../../infra/embedded/llm/faults/context-too-long.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmContextTooLong = gatewayFault('llm-context-too-long', contextTooLong);
