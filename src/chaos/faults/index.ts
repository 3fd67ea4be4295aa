import { dataFaults } from './data/index.ts';
import type { FaultDefinition } from './fault.ts';
import { llmFaults } from './llm/index.ts';
import { networkFaults } from './network/index.ts';
import { processFaults } from './process/index.ts';

/** Every fault that a scenario may name. */
export const faults: readonly FaultDefinition[] = [...networkFaults, ...llmFaults, ...processFaults, ...dataFaults];

export function findFault(type: string): FaultDefinition | undefined {
  return faults.find((fault) => fault.type === type);
}
