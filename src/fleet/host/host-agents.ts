import { asError } from '../../core/errors.ts';
import type { Clock } from '../../core/clock.ts';
import type { BaseAgent } from '../agents/base-agent.ts';
import type { AgentRegistry } from '../agents/registry.ts';
import type { AgentServices, FleetConfig, Logger } from '../agents/services.ts';

/** How soon an agent that could not start is tried again. */
const restartAfterMs = 2_000;

/**
 * The agents of one host, each on its own: one that fails to start, or whose work fails, takes no
 * other down (F11). A failed one is made anew by its factory until it is up.
 */
export class HostAgents {
  readonly #registry: AgentRegistry;
  readonly #role: FleetConfig['role'];
  readonly #services: (agent: string) => AgentServices;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #agents = new Map<string, BaseAgent>();
  readonly #restarts = new Map<string, () => void>();
  #stopped = false;

  constructor(registry: AgentRegistry, role: FleetConfig['role'], services: (agent: string) => AgentServices, clock: Clock, logger: Logger) {
    this.#registry = registry;
    this.#role = role;
    this.#services = services;
    this.#clock = clock;
    this.#logger = logger;
  }

  get(name: string): BaseAgent | undefined {
    return this.#agents.get(name);
  }

  all(): readonly BaseAgent[] {
    return [...this.#agents.values()];
  }

  names(): readonly string[] {
    return this.#registry.forRole(this.#role).map((definition) => definition.name);
  }

  /** Every agent of the role is at work, be it degraded. */
  allUp(): boolean {
    return this.names().every((name) => ['ready', 'degraded'].includes(this.#agents.get(name)?.status ?? ''));
  }

  /** Starts all agents side by side; resolves when each is up or is known to have failed for now. */
  async start(): Promise<void> {
    await Promise.all(this.names().map((name) => this.#startOne(name)));
  }

  /** Those that lead first, then whom they ask. Never rejects. */
  async stop(signal: AbortSignal): Promise<void> {
    this.#stopped = true;
    for (const cancel of this.#restarts.values()) cancel();
    const leads = (agent: BaseAgent): boolean => this.#registry.get(agent.name)?.leads === true;
    await this.#end(this.all().filter(leads), signal);
    await this.#end(this.all().filter((agent) => !leads(agent)), signal);
  }

  async #end(agents: readonly BaseAgent[], signal?: AbortSignal): Promise<void> {
    const ends = await Promise.allSettled(agents.map((agent) => agent.gracefulShutdown(signal)));
    for (const [index, end] of ends.entries()) {
      if (end.status === 'rejected') this.#logger.error('agent did not end cleanly', { agent: agents[index]?.name, error: asError(end.reason) });
    }
  }

  /** Never rejects, whatever the agent or its factory throws. */
  async #startOne(name: string): Promise<void> {
    this.#restarts.delete(name);
    let agent: BaseAgent | undefined;
    try {
      agent = this.#registry.create(name, this.#services(name));
      this.#agents.set(name, agent);
      await agent.initializeAsync();
      await agent.start();
    } catch (error) {
      if (this.#stopped) return;
      this.#logger.error('agent could not start; it is made anew', { agent: name, retry_after_ms: restartAfterMs, error: asError(error) });
      if (agent !== undefined) await this.#end([agent], AbortSignal.abort(new Error('the agent has failed')));
      if (this.#stopped) return;
      this.#restarts.set(
        name,
        this.#clock.setTimer(restartAfterMs, () => void this.#startOne(name)),
      );
    }
  }
}
