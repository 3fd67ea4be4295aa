import { wrongModel } from '../../../infra/embedded/llm/faults/wrong-model.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmWrongModel = gatewayFault('llm-wrong-model', wrongModel);
