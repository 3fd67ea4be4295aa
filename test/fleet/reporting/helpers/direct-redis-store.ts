import { Redis } from 'ioredis';
import { Emitter, type Unsubscribe } from '../../../../src/core/emitter.ts';
import { raceAbort } from '../../../../src/core/abort.ts';
import type { CallOptions, DependencyState } from '../../../../src/fleet/connectors/call.ts';
import type { RedisStore } from '../../../../src/fleet/connectors/redis/redis-store.ts';

/** The port with nothing between it and the client: what reporting does when Redis goes must not depend on a connector's retries. */
export class DirectRedisStore implements RedisStore, AsyncDisposable {
  readonly client: Redis;
  readonly #changes = new Emitter<DependencyState>();
  #state: DependencyState = { up: false, sinceMs: 0, reason: 'not connected yet' };

  constructor(port: number) {
    this.client = new Redis({ host: '127.0.0.1', port, retryStrategy: () => 10, maxRetriesPerRequest: 0, enableOfflineQueue: false, lazyConnect: true });
    this.client.on('error', () => undefined);
    this.client.on('ready', () => this.#set({ up: true }));
    this.client.on('close', () => this.#set({ up: false, sinceMs: 0, reason: 'connection closed' }));
  }

  static async connect(port: number): Promise<DirectRedisStore> {
    const store = new DirectRedisStore(port);
    await store.client.connect();
    return store;
  }

  get state(): DependencyState {
    return this.#state;
  }

  onStateChange(listener: (state: DependencyState) => void): Unsubscribe {
    return this.#changes.on(listener);
  }

  execute<T>(_name: string, work: (client: Redis) => Promise<T>, options: CallOptions = {}): Promise<T> {
    const signals = [options.signal, options.deadline === undefined ? undefined : AbortSignal.timeout(Math.ceil(options.deadline.remainingMs()))].filter((signal) => signal !== undefined);
    return raceAbort(work(this.client), AbortSignal.any(signals));
  }

  async close(): Promise<void> {
    this.client.disconnect();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #set(state: DependencyState): void {
    this.#state = state;
    this.#changes.emit(state);
  }
}

/** Redis that is not there: every exchange fails at once. */
export class AbsentRedisStore implements RedisStore {
  readonly state: DependencyState = { up: false, sinceMs: 0, reason: 'absent' };
  onStateChange(): Unsubscribe {
    return () => undefined;
  }
  execute<T>(): Promise<T> {
    return Promise.reject(new Error('connect ECONNREFUSED'));
  }
  async close(): Promise<void> {}
}

/** A Redis that one attempt cannot reach while others can. */
export class SwitchableStore extends DirectRedisStore {
  available = true;
  readonly #inner: DirectRedisStore;

  constructor(inner: DirectRedisStore) {
    super(0);
    this.#inner = inner;
  }

  override get state(): DependencyState {
    return this.available ? this.#inner.state : { up: false, sinceMs: 0, reason: 'switched off' };
  }

  override execute<T>(name: string, work: Parameters<DirectRedisStore['execute']>[1], options?: Parameters<DirectRedisStore['execute']>[2]): Promise<T> {
    return this.available ? (this.#inner.execute(name, work, options) as Promise<T>) : Promise.reject(new Error('connect ECONNREFUSED'));
  }
}
