import { proxyPage } from '../../../infra/embedded/llm/faults/proxy-page.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmProxyPage = gatewayFault('llm-proxy-page', proxyPage);
