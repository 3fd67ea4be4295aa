import type { Redis as RedisClient } from 'ioredis';
import type { Admin } from 'kafkajs';
import type { Client as PostgresClient } from 'pg';
import { raceAbort } from '../../../core/abort.ts';
import { databaseAccess, kafkaAccess, redisAccess, urlAt } from '../../../core/service-access.ts';
import type { Endpoint } from '../../provider.ts';
import { addressText, type AccessVariables } from './targets.ts';

const timeoutMs = 5_000;

/** Rejects with the driver's error, or the signal's reason. Keys get no prefix. */
export async function withRedis<T>(access: AccessVariables, endpoint: Endpoint, signal: AbortSignal, work: (redis: RedisClient) => Promise<T>): Promise<T> {
  const { Redis } = await import('ioredis');
  const url = urlAt(access.NETRA_REDIS_URL, endpoint).href;
  const redis = new Redis(url, { ...redisAccess(url, access), protocol: 2, lazyConnect: true, connectTimeout: timeoutMs, commandTimeout: timeoutMs, maxRetriesPerRequest: 0, retryStrategy: () => null, enableReadyCheck: false });
  // `connect` says only that the connection was closed; why is in the error before it.
  let cause: Error | undefined;
  redis.on('error', (error) => (cause = error));
  try {
    return await raceAbort(
      redis.connect().then(() => work(redis)),
      signal,
    );
  } catch (error) {
    throw signal.aborted ? error : (cause ?? error);
  } finally {
    redis.disconnect();
  }
}

export async function withPostgres<T>(access: AccessVariables, endpoint: Endpoint, signal: AbortSignal, work: (client: PostgresClient) => Promise<T>): Promise<T> {
  const { Client } = await import('pg');
  const client = new Client({ connectionString: urlAt(access.NETRA_DATABASE_URL, endpoint).href, ...databaseAccess(access), connectionTimeoutMillis: timeoutMs, query_timeout: timeoutMs });
  // What breaks is told by the query; without a listener it would end the process as well.
  client.on('error', () => undefined);
  try {
    await raceAbort(client.connect(), signal);
    return await raceAbort(work(client), signal);
  } finally {
    await raceAbort(client.end(), signal).catch(() => undefined); // The answer is here, or its absence is told already.
  }
}

/** With an address map in `access`, through the proxies. */
export async function withKafka<T>(access: AccessVariables, brokers: readonly Endpoint[], signal: AbortSignal, work: (admin: Admin) => Promise<T>): Promise<T> {
  const [{ Kafka, logLevel }, { quietIdleTimers }] = await Promise.all([import('kafkajs'), import('../../../core/kafkajs-idle-timer.ts')]);
  quietIdleTimers();
  const kafka = new Kafka({ clientId: 'netra-lab', brokers: brokers.map(addressText), ...kafkaAccess(access), connectionTimeout: timeoutMs, requestTimeout: timeoutMs, retry: { retries: 0 }, logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  try {
    await raceAbort(admin.connect(), signal);
    return await raceAbort(work(admin), signal);
  } finally {
    await raceAbort(admin.disconnect(), signal).catch(() => undefined); // As above.
  }
}
