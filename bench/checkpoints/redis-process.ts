import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { Redis } from 'ioredis';

/** The distribution's redis-server on a free port of loopback, nothing written to disk; ended by `stop`. */
export async function startRedisProcess(): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const port = await freePort();
  const child = spawn('/usr/bin/redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'], { stdio: 'ignore' });
  const exited = once(child, 'exit');
  const client = new Redis({ host: '127.0.0.1', port, lazyConnect: true, retryStrategy: () => 20, maxRetriesPerRequest: null });
  client.on('error', () => undefined);
  // Waits for the server by way of the client's own reconnecting.
  await Promise.race([client.ping(), exited.then(() => Promise.reject(new Error('/usr/bin/redis-server ended at once')))]);
  client.disconnect();
  return {
    port,
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** p50 of SETEX in microseconds as redis-benchmark sees it: one connection, one command at a time, from C. */
export async function redisBenchmarkSetexUs(port: number, payload: string, requests: number): Promise<number> {
  const child = spawn('/usr/bin/redis-benchmark', ['-p', String(port), '-c', '1', '-n', String(requests), '--csv', '--precision', '3', '-x', 'SETEX', 'bench:setex', '3600'], { stdio: ['pipe', 'pipe', 'ignore'] });
  let output = '';
  child.stdout.on('data', (data: Buffer) => (output += data.toString()));
  child.stdin.end(payload);
  await once(child, 'close');
  const [header, row] = output
    .trim()
    .split('\n')
    .slice(-2)
    // The command, in the first field, holds the payload: the figures are the last fields of the line.
    .map((line) => line.split(',').map((field) => field.replaceAll('"', '')));
  const fromEnd = (header?.length ?? 0) - (header?.indexOf('p50_latency_ms') ?? 0);
  const figure = Number(row?.at(-fromEnd));
  if (!Number.isFinite(figure) || figure <= 0) throw new Error(`redis-benchmark said something unexpected: ${output.slice(0, 200)} … ${output.slice(-200)}`);
  return figure * 1_000;
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
