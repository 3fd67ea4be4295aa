import { emptyAnswer } from '../../../infra/embedded/llm/faults/empty-answer.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmEmptyAnswer = gatewayFault('llm-empty-answer', emptyAnswer);
