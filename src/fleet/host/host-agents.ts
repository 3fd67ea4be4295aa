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

  async stop(signal: AbortSignal): Promise<void> {
    this.#stopped = true;
    for (const cancel of this.#restarts.values()) cancel();
    await Promise.allSettled(this.all().map((agent) => agent.gracefulShutdown(signal)));
  }

  async #startOne(name: string): Promise<void> {
    const agent = this.#registry.create(name, this.#services(name));
    this.#agents.set(name, agent);
    try {
      await agent.initializeAsync();
      await agent.start();
    } catch (error) {
      if (this.#stopped) return;
      this.#logger.error('agent could not start; it is made anew', { agent: name, retry_after_ms: restartAfterMs, error: asError(error) });
      await agent.gracefulShutdown();
      this.#restarts.set(
        name,
        this.#clock.setTimer(restartAfterMs, () => void this.#startOne(name)),
      );
    }
  }
}
