import { rampTooFast } from '../../../infra/embedded/llm/faults/ramp-too-fast.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmRampTooFast = gatewayFault('llm-ramp-too-fast', rampTooFast);
