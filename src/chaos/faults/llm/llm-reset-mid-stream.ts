import { resetMidStream } from '../../../infra/embedded/llm/faults/reset-mid-stream.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmResetMidStream = gatewayFault('llm-reset-mid-stream', resetMidStream);
