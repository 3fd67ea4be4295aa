import { truncatedToolArguments } from '../../../infra/embedded/llm/faults/truncated-tool-arguments.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmTruncatedToolArguments = gatewayFault('llm-truncated-tool-arguments', truncatedToolArguments);
