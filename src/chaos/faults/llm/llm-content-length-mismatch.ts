import { contentLengthMismatch } from '../../../infra/embedded/llm/faults/content-length-mismatch.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmContentLengthMismatch = gatewayFault('llm-content-length-mismatch', contentLengthMismatch);
