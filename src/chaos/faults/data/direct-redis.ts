import { Redis } from 'ioredis';
import type { RunningInfra } from '../../../infra/provider.ts';

const timeoutMs = 5_000;

/** Runs `work` with a connection to Redis beside the proxy, bounded by the signal. */
export async function withDirectRedis<T>(infra: RunningInfra, signal: AbortSignal, work: (redis: Redis) => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const url = new URL(infra.hostEnvironment.NETRA_REDIS_URL ?? 'redis://localhost');
  const { host, port } = infra.services.redis.direct;
  url.hostname = host;
  url.port = String(port);
  const redis = new Redis(url.href, { lazyConnect: true, connectTimeout: timeoutMs, commandTimeout: timeoutMs, maxRetriesPerRequest: 0, retryStrategy: () => null, enableReadyCheck: false });
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
