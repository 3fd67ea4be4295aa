import { brokenRetryAfter } from '../../../infra/embedded/llm/faults/broken-retry-after.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmBrokenRetryAfter = gatewayFault('llm-broken-retry-after', brokenRetryAfter);
