import { z } from 'zod';
import { systemClock } from '../../src/core/clock.ts';
import type { AgentServices, FleetConfig } from '../../src/fleet/agents/services.ts';
import { createFleetRegistry } from '../../src/fleet/host/fleet-agents.ts';

export interface FleetAction {
  readonly agent: string;
  readonly role: FleetConfig['role'];
  readonly action: string;
  readonly summary: string;
  /** JSON Schema, draft 2020-12. */
  readonly input: object;
  /** Empty where the program checks the answer by more than a schema. */
  readonly output: object;
}

export interface FleetAgentEntry {
  readonly agent: string;
  readonly role: FleetConfig['role'];
  readonly summary: string;
}

const roles: readonly FleetConfig['role'][] = ['business', 'control', 'reporting'];

/** Agents are made and asked what they can do; of their services nothing but the clock is used for that. */
const services = { clock: systemClock, config: { host: 'none' } } as unknown as AgentServices;
const registry = createFleetRegistry({
  data: { prepare: () => Promise.reject(new Error('nobody is asked anything here')) } as never,
  model: 'none',
  directGenerate: () => Promise.reject(new Error('nobody is asked anything here')),
  onBoundary: undefined,
});

export const fleetAgents: readonly FleetAgentEntry[] = roles.flatMap((role) => registry.forRole(role).map(({ name, summary }) => ({ agent: name, role, summary })));

export const fleetActions: readonly FleetAction[] = fleetAgents.flatMap(({ agent, role }) =>
  registry
    .create(agent, services)
    .actions()
    .map(({ name, summary, input, output }) => ({ agent, role, action: name, summary, input: jsonSchema(input, 'input'), output: jsonSchema(output, 'output') })),
);

export function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): object {
  const { $schema: _draft, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
}
