import { wrongContentType } from '../../../infra/embedded/llm/faults/wrong-content-type.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmWrongContentType = gatewayFault('llm-wrong-content-type', wrongContentType);
