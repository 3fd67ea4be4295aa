import { wrongValue } from '../../../infra/embedded/llm/faults/wrong-value.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmWrongValue = gatewayFault('llm-wrong-value', wrongValue);
