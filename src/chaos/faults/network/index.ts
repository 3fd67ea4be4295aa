import type { FaultDefinition } from '../fault.ts';

export const networkFaults: readonly FaultDefinition[] = [];
