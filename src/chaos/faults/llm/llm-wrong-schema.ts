import { wrongSchema } from '../../../infra/embedded/llm/faults/wrong-schema.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmWrongSchema = gatewayFault('llm-wrong-schema', wrongSchema);
