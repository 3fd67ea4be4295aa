import { serverError } from '../../../infra/embedded/llm/faults/server-error.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmServerError = gatewayFault('llm-server-error', serverError);
