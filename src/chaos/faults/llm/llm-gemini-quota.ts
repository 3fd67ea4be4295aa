import { geminiQuota } from '../../../infra/embedded/llm/faults/gemini-quota.ts';
import { gatewayFault } from './gateway-fault.ts';

export const llmGeminiQuota = gatewayFault('llm-gemini-quota', geminiQuota);
