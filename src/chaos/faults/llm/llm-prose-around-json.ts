import { proseAroundJson } from '../../../infra/embedded/llm/faults/prose-around-json.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmProseAroundJson = gatewayFault('llm-prose-around-json', proseAroundJson);
