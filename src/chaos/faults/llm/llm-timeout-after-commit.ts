import { timeoutAfterCommit } from '../../../infra/embedded/llm/faults/timeout-after-commit.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmTimeoutAfterCommit = gatewayFault('llm-timeout-after-commit', timeoutAfterCommit);
