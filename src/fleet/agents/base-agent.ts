import type { Unsubscribe } from '../../core/emitter.ts';
import { asError, isNetraError } from '../../core/errors.ts';
import type { CallOptions } from '../connectors/call.ts';
import type { Subscription } from '../connectors/bus/message-bus.ts';
import type { AgentAction } from './action.ts';
import { ActionServer } from './action-server.ts';
import type { AgentServices } from './services.ts';

export type AgentStatus = 'created' | 'initializing' | 'ready' | 'degraded' | 'draining' | 'stopped' | 'failed';

/** Body of `/agents/<name>/health/detailed` less what the host adds (dependencies, breakers). */
export interface AgentHealth {
  readonly agent_id: string;
  readonly status: AgentStatus;
  readonly uptime_seconds: number;
  /** Why the agent is degraded or failed; empty where it is neither. */
  readonly reasons: readonly string[];
  readonly consumer_lag: number | null;
  readonly metrics: { readonly messages_processed: number; readonly errors: number; readonly last_error: string | null };
}

/**
 * What all agents share (F01): a lifecycle whose steps are database, Kafka, Redis and the agent's
 * own, actions that others may ask for over Kafka or HTTP, health, and a shutdown that drains.
 *
 * An agent that cannot have Kafka or Redis goes on degraded; one without any database fails, and
 * its host tries it again once a database is there.
 */
export abstract class BaseAgent {
  abstract readonly name: string;
  protected readonly services: AgentServices;
  readonly #reasons = new Map<string, string>();
  readonly #startedAtMs: number;
  readonly #stopping = new AbortController();
  readonly #subscriptions: Subscription[] = [];
  #status: AgentStatus = 'created';
  #processed = 0;
  #errors = 0;
  #lastError: string | null = null;
  #actionServer: ActionServer | undefined;
  #rejoinWhenUp: Unsubscribe | undefined;
  #joining = false;
  #joined = false;

  constructor(services: AgentServices) {
    this.services = services;
    this.#startedAtMs = services.clock.monotonicMs();
  }

  get status(): AgentStatus {
    return this.#status === 'ready' && this.#reasons.size > 0 ? 'degraded' : this.#status;
  }

  /** Aborts when the agent is told to stop. */
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
      await this.initializeRedis();
      await this.initializeCustom();
    } catch (error) {
      this.#status = 'failed';
      this.noteError(error);
      throw error;
    }
  }

  /**
   * PostgreSQL with exponential backoff, then SQLite where the fallback is switched on (F02).
   * @param maxRetries attempts after the first
   * @param retryDelay seconds before the first retry
   */
  protected async initializeDatabase(maxRetries = 5, retryDelay = 2): Promise<void> {
    const { database, reliability } = this.services;
    try {
      await reliability.executeSafely((call) => database.connect(callOptions(call)), 'database.connect', {
        profile: 'DATABASE',
        retry: { maxAttempts: maxRetries + 1, baseDelayMs: retryDelay * 1_000, strategy: 'exponential' },
        breaker: false,
        idempotent: true,
        signal: this.stopping,
      });
    } catch (error) {
      if (this.stopping.aborted) throw error;
      await database.useFallback(asError(error).message);
    }
    await database.ensureTables(this.tables(), { signal: this.stopping });
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
    const { bus, reliability } = this.services;
    this.#rejoinWhenUp ??= bus.onStateChange((state) => {
      if (state.up && !this.#joined && !this.#joining) void this.initializeKafka(maxRetries, retryDelay);
    });
    this.#joining = true;
    const joined = reliability
      .executeSafely(() => this.#joinBus(), 'kafka.join', {
        profile: 'AGENT',
        retry: { maxAttempts: maxRetries + 1, baseDelayMs: retryDelay * 1_000, strategy: 'exponential' },
        timeoutMs: 30_000,
        breaker: false,
        idempotent: true,
        signal: this.stopping,
      })
      .then(
        () => this.clearReason('kafka'),
        (error: unknown) => this.addReason('kafka', asError(error).message),
      )
      .finally(() => {
        this.#joining = false;
      });
    // A cluster that is there answers soon; one that is known to be gone must not hold back the HTTP side.
    const known = new AbortController();
    await Promise.race([joined, this.#kafkaDown(known.signal)]);
    known.abort();
  }

  /** Optional for every agent: gone Redis is a reason for `degraded`, never for failing (F04). */
  protected async initializeRedis(): Promise<void> {
    await this.services.redis.execute('ping', (client) => client.ping(), { signal: this.stopping }).then(
      () => this.clearReason('redis'),
      (error: unknown) => this.addReason('redis', asError(error).message),
    );
  }

  /** The agent's own preparation. @default nothing */
  protected async initializeCustom(): Promise<void> {}

  /** From here on the agent is at work. */
  async start(): Promise<void> {
    if (this.#status === 'initializing' || this.#status === 'created') this.#status = 'ready';
    this.services.emit({ type: 'agent_started', agent: this.name });
  }

  async healthCheck(): Promise<AgentHealth> {
    const lags = this.#subscriptions.map((subscription) => subscription.lag()).filter((lag) => lag !== undefined);
    return {
      agent_id: this.name,
      status: this.status,
      uptime_seconds: Math.round((this.services.clock.monotonicMs() - this.#startedAtMs) / 1_000),
      reasons: [...this.#reasons.values()],
      consumer_lag: lags.length === 0 ? null : lags.reduce((sum, lag) => sum + lag, 0),
      metrics: { messages_processed: this.#processed, errors: this.#errors, last_error: this.#lastError },
    };
  }

  /** Stops taking work, lets what is under way end (bounded by `signal`), commits, leaves its groups (F12). */
  async gracefulShutdown(signal?: AbortSignal): Promise<void> {
    if (this.#status === 'stopped' || this.#status === 'draining') return;
    this.#status = 'draining';
    this.#rejoinWhenUp?.();
    this.#stopping.abort(new Error(`agent ${this.name} is shutting down`));
    await Promise.allSettled(this.#subscriptions.map((subscription) => subscription.stop(signal)));
    this.#status = 'stopped';
  }

  /** A direct call, beside Kafka: same validation, same counting. */
  async invoke(action: string, input: unknown, call: CallOptions & { readonly correlationId: string; readonly userId?: string }): Promise<unknown> {
    this.#actionServer ??= new ActionServer(this.name, this.actions(), this.services);
    return this.counted(() => (this.#actionServer as ActionServer).invoke(action, input, call));
  }

  protected addSubscription(subscription: Subscription): void {
    this.#subscriptions.push(subscription);
  }

  protected addReason(key: string, reason: string): void {
    this.#reasons.set(key, `${key}: ${reason}`);
  }

  protected clearReason(key: string): void {
    this.#reasons.delete(key);
  }

  /** Runs one piece of work and counts it for `/health/detailed`. */
  protected async counted<T>(work: () => Promise<T>): Promise<T> {
    try {
      const result = await work();
      this.#processed += 1;
      return result;
    } catch (error) {
      this.noteError(error);
      throw error;
    }
  }

  protected noteError(thrown: unknown): void {
    const error = asError(thrown);
    this.#errors += 1;
    this.#lastError = isNetraError(error) ? `${error.code}: ${error.message}` : error.message;
    this.services.metrics.count('agent_errors_total', { agent: this.name });
  }

  /** Subscriptions beside the actions' own. @default none */
  protected async subscribe(): Promise<void> {}

  async #joinBus(): Promise<void> {
    if (this.#joined) return;
    this.#actionServer ??= new ActionServer(this.name, this.actions(), this.services);
    const served = this.servesOverKafka() ? await this.#actionServer.serve((work) => this.counted(work)) : undefined;
    if (served !== undefined) this.addSubscription(served);
    await this.subscribe();
    this.#joined = true;
  }

  /** Resolves once the bus is known to be down, or when `until` aborts. */
  #kafkaDown(until: AbortSignal): Promise<void> {
    const { bus } = this.services;
    return new Promise((resolve) => {
      const end = (): void => {
        unsubscribe();
        resolve();
      };
      const unsubscribe = bus.onStateChange((state) => {
        if (state.up) return;
        this.addReason('kafka', state.reason);
        end();
      });
      until.addEventListener('abort', end, { once: true });
      if (!bus.state.up && bus.state.reason !== 'not connected yet') {
        this.addReason('kafka', bus.state.reason);
        end();
      }
    });
  }
}

function callOptions(call: { readonly signal: AbortSignal; readonly deadline?: CallOptions['deadline'] | undefined }): CallOptions {
  return { signal: call.signal, ...(call.deadline === undefined ? {} : { deadline: call.deadline }) };
}
