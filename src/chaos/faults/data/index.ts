import type { FaultDefinition } from '../fault.ts';

export const dataFaults: readonly FaultDefinition[] = [];
