import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { Redis } from 'ioredis';
import { until } from '../../../helpers/until.ts';
import { freePort } from '../../../helpers/free-port.ts';

export interface TestServer extends AsyncDisposable {
  readonly port: number;
  /** Ends the server; its data are gone. */
  stop(): Promise<void>;
}

const binary = '/usr/bin/redis-server';

/** Every Redis that this machine has: the checkpoint store has to work with each. */
export const redisServers: readonly { readonly label: string; readonly start: (port?: number) => Promise<TestServer> }[] = [
  { label: 'embedded Redis', start: startEmbedded },
  ...(existsSync(binary) ? [{ label: 'redis-server', start: startBinary }] : []),
];

/** The distribution's server where there is one, for what is about the store and not about the server. */
export function startAnyRedis(port?: number): Promise<TestServer> {
  return (redisServers.at(-1) ?? { start: startEmbedded }).start(port);
}

async function startEmbedded(port = 0): Promise<TestServer> {
  // Loaded where it is used: it brings a Lua interpreter along.
  const { startRedisServer } = await import('../../../../src/infra/embedded/redis/server.ts');
  const server = await startRedisServer({ port });
  return { port: server.port, stop: () => server.close(), [Symbol.asyncDispose]: () => server.close() };
}

async function startBinary(wanted?: number): Promise<TestServer> {
  const port = wanted ?? (await freePort());
  const child = spawn(binary, ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'], { stdio: 'ignore' });
  // A test that fails before it stops its server must not leave it behind.
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async (): Promise<void> => {
    kill();
    await ended;
    process.off('exit', kill);
  };
  const client = new Redis({ host: '127.0.0.1', port, lazyConnect: true, retryStrategy: () => 20, maxRetriesPerRequest: null });
  client.on('error', () => undefined);
  let answered = false;
  void client.connect().catch(() => undefined);
  void client.ping().then(() => (answered = true), () => undefined);
  await until(() => answered, 'redis-server to answer');
  client.disconnect();
  return { port, stop, [Symbol.asyncDispose]: stop };
}
