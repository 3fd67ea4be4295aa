import type { Redis } from 'ioredis';
import type { CallOptions, DependencyState } from '../call.ts';
import type { Unsubscribe } from '../../../core/emitter.ts';

export interface RedisCallOptions extends CallOptions {
  /** `work` may be repeated although Redis may have carried it out. @default false */
  readonly idempotent?: boolean;
}

/** The port to Redis: a pooled client behind breaker, deadline and events. At most 10 connections a host (D10). */
export interface RedisStore {
  readonly state: DependencyState;
  onStateChange(listener: (state: DependencyState) => void): Unsubscribe;
  /** Runs `work` on a connected client under the Redis breaker and deadline; rejects with a NetraError (`REDIS_…`) when Redis is gone. */
  execute<T>(name: string, work: (client: Redis) => Promise<T>, options?: RedisCallOptions): Promise<T>;
  close(): Promise<void>;
}
