import { reorderedChunk } from '../../../infra/embedded/llm/faults/reordered-chunk.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmReorderedChunk = gatewayFault('llm-reordered-chunk', reorderedChunk);
