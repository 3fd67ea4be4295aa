import { awkwardFraming } from '../../../infra/embedded/llm/faults/awkward-framing.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmAwkwardFraming = gatewayFault('llm-awkward-framing', awkwardFraming);
