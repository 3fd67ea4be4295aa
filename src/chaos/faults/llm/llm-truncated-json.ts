import { truncatedJson } from '../../../infra/embedded/llm/faults/truncated-json.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmTruncatedJson = gatewayFault('llm-truncated-json', truncatedJson);
