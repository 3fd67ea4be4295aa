import { windowQuota } from '../../../infra/embedded/llm/faults/window-quota.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmWindowQuota = gatewayFault('llm-window-quota', windowQuota);
