import { Redis } from 'ioredis';
import { raceAbort } from '../../../core/abort.ts';
import type { Unsubscribe } from '../../../core/emitter.ts';
import type { redisAccess } from '../../../core/service-access.ts';
import { backoffDelayMs, type BackoffSettings, type BreakerConfig } from '../../../reliability/index.ts';
import { ConnectorError } from '../../error-codes.ts';
import type { DependencyState } from '../call.ts';
import type { ConnectorContext } from '../connector-context.ts';
import { DependencyWatch } from '../dependency-watch.ts';
import { toRedisError } from './redis-errors.ts';
import type { RedisCallOptions, RedisStore } from './redis-store.ts';

export interface IoredisStoreOptions {
  /** `redis://[user:password@]host:port[/database]` */
  readonly url: string;
  /** TLS and key prefix. @default none */
  readonly access?: ReturnType<typeof redisAccess>;
  readonly connectionName?: string;
  /** @default 2000 */
  readonly connectTimeoutMs?: number;
  /** For the reply to one command. @default 2000 */
  readonly commandTimeoutMs?: number;
  /** Silence while replies are due after which the line counts as dead and a new one is made. @default 2500 */
  readonly socketTimeoutMs?: number;
  /** PING at these intervals while Redis is there. @default 2000 */
  readonly upIntervalMs?: number;
  /** @default 500 */
  readonly downIntervalMs?: number;
}

const service = 'redis';
const quitTimeoutMs = 2_000;

/** D10. Closed again as soon as a new connection is ready. */
const breaker: Partial<BreakerConfig> = Object.freeze({ threshold: 3, recoveryMs: 1_000, recoveryMultiplier: 2, maxRecoveryMs: 5_000, rampSlots: 0 });
const retry = Object.freeze({ attemptTimeoutMs: 3_000, totalTimeoutMs: 8_000, breaker });

/** Between attempts to connect again: ioredis keeps the line, commands are retried by the reliability stack alone. */
const reconnect: BackoffSettings = Object.freeze({ strategy: 'exponential', baseDelayMs: 50, maxDelayMs: 1_000, multiplier: 2, jitter: 'equal', jitterRange: 0 });

/**
 * Redis by ioredis, over one connection. Redis works on one command at a time and ioredis sends
 * commands without waiting for earlier replies, so more connections would add no speed (41,000 saves
 * of 20 KB a second over one), but would cost the order in which a host's writes are carried out.
 * `work` must therefore not block the connection: no BLPOP, no SUBSCRIBE, no WATCH.
 */
export class IoredisStore implements RedisStore {
  readonly #context: ConnectorContext;
  readonly #client: Redis;
  readonly #watch: DependencyWatch;
  #lastError = 'the connection was closed';
  #closed = false;
  #connecting: Promise<void> | undefined;

  constructor(context: ConnectorContext, options: IoredisStoreOptions) {
    this.#context = context;
    const { clock, logger, rng } = context;
    this.#client = new Redis(options.url, {
      // RESP3 would answer some commands in other shapes, depending on the server.
      protocol: 2,
      ...options.access,
      lazyConnect: true,
      connectionName: options.connectionName ?? 'netra-resilience',
      connectTimeout: options.connectTimeoutMs ?? 2_000,
      ...(context.resilience.timeout ? { commandTimeout: options.commandTimeoutMs ?? 2_000, socketTimeout: options.socketTimeoutMs ?? 2_500 } : {}),
      keepAlive: 5_000,
      // A command waits for no later connection and is never sent again behind the caller's back.
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      retryStrategy: (times) => (this.#closed ? null : backoffDelayMs(reconnect, times, 0, rng)),
      // A failover has made this server a replica: another connection may find the new primary.
      reconnectOnError: (error) => error.message.startsWith('READONLY'),
    });
    this.#watch = new DependencyWatch({
      clock,
      logger,
      name: service,
      probe: (signal) => this.#probe(signal),
      ...(options.upIntervalMs === undefined ? {} : { upIntervalMs: options.upIntervalMs }),
      ...(options.downIntervalMs === undefined ? {} : { downIntervalMs: options.downIntervalMs }),
    });
    // Without a listener ioredis prints every failed attempt to connect.
    this.#client.on('error', (error) => {
      this.#lastError = error.message;
    });
    this.#client.on('close', () => this.#watch.nudge());
    this.#client.on('ready', () => {
      if (context.reliability.mechanisms.breaker) context.reliability.breaker(service).reset();
      this.#watch.nudge();
    });
  }

  get state(): DependencyState {
    return this.#watch.state;
  }

  onStateChange(listener: (state: DependencyState) => void): Unsubscribe {
    return this.#watch.onStateChange(listener);
  }

  /** Connects and watches from now on; without it the first `execute` does. */
  start(): void {
    this.#watch.start();
  }

  async execute<T>(name: string, work: (client: Redis) => Promise<T>, options: RedisCallOptions = {}): Promise<T> {
    const operation = `${service}.${name}`;
    this.#watch.start();
    return this.#context.reliability.executeSafely(
      async ({ signal }) => {
        try {
          const client = await this.#ready(signal);
          return await raceAbort(work(client), signal);
        } catch (error) {
          throw toRedisError(error, name);
        }
      },
      operation,
      { profile: 'DATABASE', retry, ...options, idempotent: options.idempotent ?? false },
    );
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#watch.close();
    // QUIT lets replies under way come in first; on a dead line none comes, time limits or not.
    const cancelTimer = this.#context.clock.setTimer(quitTimeoutMs, () => this.#client.disconnect());
    if (this.#client.status === 'ready') await this.#client.quit().catch((error: unknown) => this.#context.logger.debug('redis: QUIT was not answered', { error }));
    cancelTimer();
    this.#client.disconnect();
  }

  async #probe(signal: AbortSignal): Promise<void> {
    const client = await this.#ready(signal);
    await raceAbort(client.ping(), signal);
  }

  /** The client once it may be written to. Rejects at once while Redis is known to be gone. */
  async #ready(signal: AbortSignal): Promise<Redis> {
    if (this.#client.status === 'ready') return this.#client;
    if (this.#closed) throw new ConnectorError('REDIS_UNAVAILABLE', 'the connection to Redis has been closed', { retriable: false });
    if (!this.#watch.state.up) throw this.#gone();
    // The first connection, or the next one after a line that broke: that takes milliseconds where Redis is there.
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined;
    });
    await raceAbort(this.#connecting, signal);
    return this.#client;
  }

  /** Settles with the attempt to connect that is under way, or due. */
  async #connect(): Promise<void> {
    const client = this.#client;
    const settled = Promise.withResolvers<void>();
    const onReady = (): void => settled.resolve();
    const onFailed = (): void => settled.reject(this.#gone());
    client.once('ready', onReady);
    // Told after `close`, for the attempt that has failed; the `close` of the line that broke is over.
    client.once('reconnecting', onFailed);
    client.once('end', onFailed);
    if (client.status === 'wait' || client.status === 'end') client.connect().catch(onFailed);
    try {
      await settled.promise;
    } finally {
      client.off('ready', onReady);
      client.off('reconnecting', onFailed);
      client.off('end', onFailed);
    }
  }

  #gone(): ConnectorError {
    return new ConnectorError('REDIS_UNAVAILABLE', `Redis cannot be reached: ${this.#lastError}`);
  }
}
