import type { FaultDefinition } from '../fault.ts';

export const processFaults: readonly FaultDefinition[] = [];
