import { conflict } from '../../../infra/embedded/llm/faults/conflict.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmConflict = gatewayFault('llm-conflict', conflict);
