import type { FaultDefinition } from '../fault.ts';

export const llmFaults: readonly FaultDefinition[] = [];
