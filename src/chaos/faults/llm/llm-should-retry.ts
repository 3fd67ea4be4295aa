import { shouldRetry } from '../../../infra/embedded/llm/faults/should-retry.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmShouldRetry = gatewayFault('llm-should-retry', shouldRetry);
