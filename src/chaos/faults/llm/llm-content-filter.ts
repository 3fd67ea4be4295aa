import { contentFilter } from '../../../infra/embedded/llm/faults/content-filter.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmContentFilter = gatewayFault('llm-content-filter', contentFilter);
