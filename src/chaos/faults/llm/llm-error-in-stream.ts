import { errorInStream } from '../../../infra/embedded/llm/faults/error-in-stream.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmErrorInStream = gatewayFault('llm-error-in-stream', errorInStream);
