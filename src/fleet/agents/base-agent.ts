import { raceAbort } from '../../core/abort.ts';
import { asError, isNetraError } from '../../core/errors.ts';
import type { CallOptions } from '../connectors/call.ts';
import type { Subscription } from '../connectors/bus/message-bus.ts';
import type { AgentAction } from './action.ts';
import { AgentActivity } from './agent-activity.ts';
import { ActionServer } from './action-server.ts';
import { BusMembership } from './bus-membership.ts';
import { AgentError } from './error-codes.ts';
import type { AgentServices } from './services.ts';
import { startAttempts } from './start-attempts.ts';

export type AgentStatus = 'created' | 'initializing' | 'ready' | 'degraded' | 'draining' | 'stopped' | 'failed';

/** What an agent knows of itself for `/agents/<name>/health/detailed`; the host adds dependencies and breakers. */
export interface AgentHealth {
  readonly agent_id: string;
  readonly status: AgentStatus;
  /** Seconds. */
  readonly uptime: number;
  /** Why the agent is degraded or failed; empty where it is neither. */
  readonly reasons: readonly string[];
  /** Messages that wait for this agent; null while unknown, and where it has no subscription. */
  readonly consumer_lag: number | null;
  readonly metrics: { readonly messages_processed: number; readonly errors: number; readonly last_error: string | null };
}

/** With a stand-in at hand, waiting longer for PostgreSQL at the start costs more than it brings: it comes back by itself later. */
const databasePatienceMs = 15_000;
/**
 * What all agents share (F01): a lifecycle whose steps are database, Kafka, Redis and the agent's
 * own, actions that others may ask for over Kafka or HTTP, health, and a shutdown that drains.
 *
 * An agent that cannot have Kafka or Redis goes on degraded; one without any database fails, and
 * its host tries it again once a database is there.
 */
export abstract class BaseAgent {
  abstract readonly name: string;
  /** What it has done, for whoever watches; see `observed`. */
  readonly activity: AgentActivity;
  protected readonly services: AgentServices;
  readonly #startedAtMs: number;
  /** Ends what is waited for on the way up; work goes on. */
  readonly #leaving = new AbortController();
  readonly #stopping = new AbortController();
  readonly #membership: BusMembership;
  readonly #underWay = new Set<Promise<unknown>>();
  #status: AgentStatus = 'created';
  #failure: string | undefined;
  #processed = 0;
  #errors = 0;
  #lastError: string | null = null;
  #actionServer: ActionServer | undefined;

  constructor(services: AgentServices) {
    this.services = services;
    this.activity = new AgentActivity(services.clock);
    this.#startedAtMs = services.clock.monotonicMs();
    this.#membership = new BusMembership(services, this.#leaving.signal, () => [...this.#served(), ...this.subscribe()]);
  }

  get status(): AgentStatus {
    return this.#status === 'ready' && this.#reasons().length > 0 ? 'degraded' : this.#status;
  }

  /** Messages and direct calls that it works on. */
  get workInProgress(): number {
    return this.#underWay.size;
  }

  /** Aborts when what is still under way has to end: the agent was told to stop, and the time to drain is over. */
  protected get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  /** What others may ask this agent. @default nothing */
  actions(): readonly AgentAction<unknown, unknown>[] {
    return [];
  }

  /** Whether the actions are served over Kafka too, or by direct calls only. @default true */
  protected servesOverKafka(): boolean {
    return true;
  }

  /** Database, Kafka, Redis, then the agent's own. Rejects only where the agent cannot work at all. */
  async initializeAsync(): Promise<void> {
    this.#status = 'initializing';
    try {
      await this.initializeDatabase();
      await this.initializeKafka();
      this.#leaving.signal.throwIfAborted();
      await this.initializeRedis();
      await this.initializeCustom();
    } catch (error) {
      if (!this.#leaving.signal.aborted) this.#status = 'failed';
      this.noteError(error);
      if (!this.#leaving.signal.aborted) this.activity.failed('start', undefined, error);
      this.#failure = asError(error).message;
      throw error;
    }
  }

  /**
   * PostgreSQL with exponential backoff, then SQLite where the fallback is switched on (F02): there
   * after 15 s at the latest, since PostgreSQL is taken up again by itself whenever it comes.
   * @param maxRetries attempts after the first
   * @param retryDelay seconds before the first retry
   */
  protected async initializeDatabase(maxRetries = 5, retryDelay = 2): Promise<void> {
    const { database, reliability, config } = this.services;
    const signal = this.#leaving.signal;
    try {
      await reliability.executeSafely((call) => database.connect({ signal: call.signal }), 'database.connect', {
        profile: 'DATABASE',
        retry: {
          ...startAttempts(maxRetries, retryDelay),
          totalTimeoutMs: config.resilience.fallback ? databasePatienceMs : Number.POSITIVE_INFINITY,
        },
        breaker: false,
        idempotent: true,
        signal,
      });
    } catch (error) {
      if (signal.aborted) throw error;
      await database.useFallback(asError(error).message);
    }
    await database.ensureTables(this.tables(), { signal });
  }

  /** Statements that create the agent's own tables; repeatable. @default none */
  protected tables(): readonly string[] {
    return [];
  }

  /**
   * Waits for the cluster and serves this agent's actions over it; goes on degraded where it cannot,
   * and joins by itself once Kafka is there (F03).
   * @param maxRetries attempts after the first
   * @param retryDelay seconds before the first retry
   */
  protected async initializeKafka(maxRetries = 10, retryDelay = 3): Promise<void> {
    await this.#membership.join(this.name, maxRetries, retryDelay);
  }

  /** Optional for every agent: a Redis that is gone makes it degraded, never failed (F04). The connector finds out, and sees it come back. */
  protected async initializeRedis(): Promise<void> {
    await this.services.redis.execute('ping', (client) => client.ping(), { signal: this.#leaving.signal, idempotent: true }).catch((error: unknown) => {
      if (!this.#leaving.signal.aborted) this.services.logger.info('Redis does not answer yet; the agent starts without it', { agent: this.name, error });
    });
  }

  /** The agent's own preparation. @default nothing */
  protected async initializeCustom(): Promise<void> {}

  /** From here on the agent is at work. */
  async start(): Promise<void> {
    if (this.#leaving.signal.aborted) return;
    this.#status = 'ready';
    this.services.emit({ type: 'agent_started', agent: this.name });
  }

  async healthCheck(): Promise<AgentHealth> {
    const lags = this.#membership.subscriptions.map((subscription) => subscription.lag()).filter((lag) => lag !== undefined);
    return {
      agent_id: this.name,
      status: this.status,
      uptime: Math.round((this.services.clock.monotonicMs() - this.#startedAtMs) / 1_000),
      reasons: this.#reasons(),
      consumer_lag: lags.length === 0 ? null : lags.reduce((sum, lag) => sum + lag, 0),
      metrics: { messages_processed: this.#processed, errors: this.#errors, last_error: this.#lastError },
    };
  }

  /** Stops taking work, lets what is under way end (until `signal` aborts), commits, leaves its groups (F12). A second call does nothing. */
  async gracefulShutdown(signal?: AbortSignal): Promise<void> {
    if (this.#leaving.signal.aborted) return;
    const ended = new Error(`agent ${this.name} is shutting down`);
    if (this.#status !== 'failed') this.#status = 'draining';
    this.#leaving.abort(ended);
    this.#membership.close();
    await Promise.allSettled(this.#membership.subscriptions.map((subscription) => subscription.stop(signal)));
    // Out of time is no failure here: what is left is ended by the next line, and is still to be done.
    await raceAbort(Promise.allSettled(this.#underWay), signal).catch(() => undefined);
    this.#stopping.abort(ended);
    if (this.#status === 'draining') this.#status = 'stopped';
  }

  /** A direct call, beside Kafka: same validation, same counting. Rejects with AGENT_NOT_READY once the agent drains. */
  async invoke(action: string, input: unknown, call: CallOptions & { readonly correlationId: string; readonly userId?: string }): Promise<unknown> {
    if (this.#leaving.signal.aborted) throw new AgentError('AGENT_NOT_READY', `agent ${this.name} is ${this.#status} and takes no more calls`);
    return this.observed(action, call.correlationId, () => this.counted(() => this.#server().invoke(action, input, call)));
  }

  /** Runs one piece of work, counts it for `/health/detailed`, and has a shutdown wait for it. */
  protected async counted<T>(work: () => Promise<T>): Promise<T> {
    const running = work();
    this.#underWay.add(running);
    try {
      const result = await running;
      this.#processed += 1;
      return result;
    } catch (error) {
      this.noteError(error);
      throw error;
    } finally {
      this.#underWay.delete(running);
    }
  }

  /** Shows one message as work of this agent, from its beginning to its end. */
  protected observed<T>(operation: string, correlationId: string | undefined, work: () => Promise<T>): Promise<T> {
    return this.activity.observe(operation, correlationId, work);
  }

  protected noteError(thrown: unknown): void {
    const error = asError(thrown);
    this.#errors += 1;
    this.#lastError = isNetraError(error) ? `${error.code}: ${error.message}` : error.message;
    this.services.metrics.count('agent_errors_total', { agent: this.name });
  }

  /** Subscriptions beside the actions' own, begun when called. @default none */
  protected subscribe(): readonly Promise<Subscription>[] {
    return [];
  }

  #served(): Promise<Subscription>[] {
    const served = this.servesOverKafka() ? this.#server().serve((action, correlationId, work) => this.observed(action, correlationId, () => this.counted(work))) : undefined;
    return served === undefined ? [] : [served];
  }

  #server(): ActionServer {
    this.#actionServer ??= new ActionServer(this.name, this.actions(), this.services);
    return this.#actionServer;
  }

  /** What keeps the agent from being whole, as of now. */
  #reasons(): string[] {
    const { database, redis } = this.services;
    const kafka = this.#membership.lacks();
    return [
      ...(this.#status === 'failed' && this.#failure !== undefined ? [this.#failure] : []),
      ...(database.mode === 'postgres' ? [] : [`database: ${database.mode}`]),
      ...(kafka === undefined ? [] : [`kafka: ${kafka}`]),
      ...(redis.state.up ? [] : [`redis: ${redis.state.reason}`]),
    ];
  }
}
