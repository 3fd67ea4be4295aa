import { invalidJsonLine } from '../../../infra/embedded/llm/faults/invalid-json-line.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmInvalidJsonLine = gatewayFault('llm-invalid-json-line', invalidJsonLine);
