import { lingerAfterDone } from '../../../infra/embedded/llm/faults/linger-after-done.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmLingerAfterDone = gatewayFault('llm-linger-after-done', lingerAfterDone);
