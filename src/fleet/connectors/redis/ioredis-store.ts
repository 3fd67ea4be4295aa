import type { Redis } from 'ioredis';
import type { Unsubscribe } from '../../../core/emitter.ts';
import { InvariantViolation } from '../../../core/error-codes.ts';
import type { CallOptions, DependencyState } from '../call.ts';
import type { ConnectorContext } from '../connector-context.ts';
import type { RedisStore } from './redis-store.ts';

export interface IoredisStoreOptions {
  readonly url: string;
}

export class IoredisStore implements RedisStore {
  constructor(context: ConnectorContext, options: IoredisStoreOptions) {
    void [context, options];
  }
  get state(): DependencyState {
    throw shell();
  }
  onStateChange(_listener: (state: DependencyState) => void): Unsubscribe {
    throw shell();
  }
  async execute<T>(_name: string, _work: (client: Redis) => Promise<T>, _options?: CallOptions): Promise<T> {
    throw shell();
  }
  async close(): Promise<void> {
    throw shell();
  }
}

const shell = (): InvariantViolation => new InvariantViolation('this connector is a shell');
