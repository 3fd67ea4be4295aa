import { absurdRetryAfter } from '../../../infra/embedded/llm/faults/absurd-retry-after.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmAbsurdRetryAfter = gatewayFault('llm-absurd-retry-after', absurdRetryAfter);
