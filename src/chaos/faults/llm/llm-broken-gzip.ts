import { brokenGzip } from '../../../infra/embedded/llm/faults/broken-gzip.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmBrokenGzip = gatewayFault('llm-broken-gzip', brokenGzip);
