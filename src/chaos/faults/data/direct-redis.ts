import { Redis } from 'ioredis';
import { redisAccess, urlAt } from '../../../core/service-access.ts';
import type { RunningInfra } from '../../../infra/provider.ts';

const timeoutMs = 5_000;
const scanCount = 1_000;

/** Runs `work` with a connection to Redis beside the proxy, bounded by the signal. Keys are the fleet's own: where it has a prefix, commands get it too. */
export async function withDirectRedis<T>(infra: RunningInfra, signal: AbortSignal, work: (redis: Redis) => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const url = urlAt(infra.hostEnvironment.NETRA_REDIS_URL ?? 'redis://localhost', infra.services.redis.direct);
  const redis = new Redis(url.href, { ...redisAccess(url.href, infra.hostEnvironment), lazyConnect: true, connectTimeout: timeoutMs, commandTimeout: timeoutMs, maxRetriesPerRequest: 0, retryStrategy: () => null, enableReadyCheck: false });
  // What fails is told by the command; without a listener it would be printed as well.
  redis.on('error', () => undefined);
  const onAbort = (): void => redis.disconnect();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await redis.connect();
    return await work(redis);
  } finally {
    signal.removeEventListener('abort', onAbort);
    redis.disconnect();
  }
}

/** Every key of the fleet that matches, once, without its prefix: SCAN is a command that ioredis adds none to. */
export async function scanKeys(redis: Redis, pattern: string): Promise<string[]> {
  const prefix = redis.options.keyPrefix ?? '';
  const keys = new Set<string>();
  let cursor = '0';
  do {
    const [next, page] = await redis.scan(cursor, 'MATCH', `${prefix}${pattern}`, 'COUNT', scanCount);
    for (const key of page) keys.add(key.slice(prefix.length));
    cursor = next;
  } while (cursor !== '0');
  return [...keys];
}
