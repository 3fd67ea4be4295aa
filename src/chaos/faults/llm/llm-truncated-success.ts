import { truncatedSuccess } from '../../../infra/embedded/llm/faults/truncated-success.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmTruncatedSuccess = gatewayFault('llm-truncated-success', truncatedSuccess);
