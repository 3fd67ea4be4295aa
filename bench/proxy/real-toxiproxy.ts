import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { Toxiproxy } from 'toxiproxy-node-client';

const GIVE_UP_AFTER_MS = 10_000;

export interface RealToxiproxy {
  readonly client: Toxiproxy;
  /** As it tells it: `2.12.0`, or `git` for one built from source. */
  readonly version: string;
  stop(): Promise<void>;
}

/** Shopify's own, from `$NETRA_TOXIPROXY_SERVER` or `toxiproxy-server` on the PATH; undefined where there is none. */
export async function startRealToxiproxy(): Promise<RealToxiproxy | undefined> {
  const port = await freePort();
  const child = spawn(process.env['NETRA_TOXIPROXY_SERVER'] ?? 'toxiproxy-server', ['-host', '127.0.0.1', '-port', String(port)], { stdio: 'ignore', env: { ...process.env, LOG_LEVEL: 'error' } });
  const started = await Promise.race([once(child, 'spawn').then(() => true), once(child, 'error').then(() => false)]);
  if (!started) return undefined;
  const exited = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await exited;
  };
  const client = new Toxiproxy(`http://127.0.0.1:${port}`);
  const giveUpMs = performance.now() + GIVE_UP_AFTER_MS;
  for (;;) {
    try {
      const { version } = JSON.parse(await client.getVersion()) as { version: string };
      return { client, version, stop };
    } catch (error) {
      if (performance.now() < giveUpMs && child.exitCode === null) continue;
      await stop();
      throw error;
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
