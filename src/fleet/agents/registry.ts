import { InvariantViolation } from '../../core/error-codes.ts';
import type { BaseAgent } from './base-agent.ts';
import type { AgentServices, FleetConfig } from './services.ts';

export interface AgentDefinition {
  /** As in `/agents/<name>`. */
  readonly name: string;
  readonly summary: string;
  readonly role: FleetConfig['role'];
  /** Asks other agents of its host while it works: at a shutdown it ends before them. @default false */
  readonly leads?: boolean;
  readonly create: (services: AgentServices) => BaseAgent;
}

/** Knows every agent by its factory; nobody else constructs one (F06). */
export class AgentRegistry {
  readonly #definitions = new Map<string, AgentDefinition>();

  register(definition: AgentDefinition): this {
    if (this.#definitions.has(definition.name)) throw new InvariantViolation(`two agents are called '${definition.name}'`);
    this.#definitions.set(definition.name, definition);
    return this;
  }

  get(name: string): AgentDefinition | undefined {
    return this.#definitions.get(name);
  }

  names(): readonly string[] {
    return [...this.#definitions.keys()];
  }

  forRole(role: FleetConfig['role']): readonly AgentDefinition[] {
    return [...this.#definitions.values()].filter((definition) => definition.role === role);
  }

  /** Throws InvariantViolation for a name that is not registered, and where a factory makes an agent of another name. */
  create(name: string, services: AgentServices): BaseAgent {
    const definition = this.#definitions.get(name);
    if (definition === undefined) throw new InvariantViolation(`no agent is called '${name}'`);
    const agent = definition.create(services);
    if (agent.name !== name) throw new InvariantViolation(`the factory of '${name}' made an agent called '${agent.name}'`);
    return agent;
  }
}
