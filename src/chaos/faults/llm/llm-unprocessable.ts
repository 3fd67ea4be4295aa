import { unprocessable } from '../../../infra/embedded/llm/faults/unprocessable.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmUnprocessable = gatewayFault('llm-unprocessable', unprocessable);
