import { fencedJson } from '../../../infra/embedded/llm/faults/fenced-json.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmFencedJson = gatewayFault('llm-fenced-json', fencedJson);
