import { unknownModel } from '../../../infra/embedded/llm/faults/unknown-model.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmUnknownModel = gatewayFault('llm-unknown-model', unknownModel);
