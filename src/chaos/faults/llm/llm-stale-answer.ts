import { staleAnswer } from '../../../infra/embedded/llm/faults/stale-answer.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmStaleAnswer = gatewayFault('llm-stale-answer', staleAnswer);
