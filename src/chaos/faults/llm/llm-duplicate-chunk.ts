import { duplicateChunk } from '../../../infra/embedded/llm/faults/duplicate-chunk.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmDuplicateChunk = gatewayFault('llm-duplicate-chunk', duplicateChunk);
