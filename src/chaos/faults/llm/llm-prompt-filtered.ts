import { promptFiltered } from '../../../infra/embedded/llm/faults/prompt-filtered.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmPromptFiltered = gatewayFault('llm-prompt-filtered', promptFiltered);
