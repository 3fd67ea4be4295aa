import { Redis } from 'ioredis';
import { onTestFinished } from 'vitest';
import { startRedisServer, type RedisServerOptions, type RunningRedis } from '../../../../src/infra/embedded/redis/server.ts';

/** An embedded server that ends with the test. */
export async function startedServer(options: RedisServerOptions = {}): Promise<RunningRedis> {
  const server = await startRedisServer(options);
  onTestFinished(() => server.close());
  return server;
}

/** A real client that ends with the test; errors reach the test by the commands that fail. */
export function clientOf(server: RunningRedis, options: { db?: number; connectionName?: string } = {}): Redis {
  const client = new Redis(server.port, server.host, { retryStrategy: () => null, ...options });
  client.on('error', () => undefined);
  onTestFinished(() => client.disconnect());
  return client;
}

const DEADLINE_MS = 5000;

/** Waits until `holds`; fails with `what` after a deadline. */
export async function eventually(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not within ${DEADLINE_MS} ms: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
