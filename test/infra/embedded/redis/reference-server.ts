import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReferenceServer } from '../../../contract/redis-differential.ts';
import { RawClient } from './raw-client.ts';
import { freePort } from '../../../helpers/free-port.ts';

const BINARY = '/usr/bin/redis-server';
const START_DEADLINE_MS = 10_000;

/** Where the distribution's server is absent, comparing is skipped; in CI that would hide a hole. */
export function referenceServerAbsent(): boolean {
  if (existsSync(BINARY)) return false;
  if (process.env['CI'] === 'true') throw new Error(`${BINARY} is not installed: in CI the comparison with it must run (apt-get install redis-server)`);
  process.stderr.write(`${BINARY} is not installed: the comparison of the embedded Redis with it is skipped\n`);
  return true;
}

/** The distribution's redis-server on a free port, with nothing written to disk. */
export async function startReferenceServer(): Promise<ReferenceServer> {
  const folder = await mkdtemp(join(tmpdir(), 'netra-redis-'));
  const port = await freePort();
  const child = spawn(BINARY, ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let log = '';
  child.stdout.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const deadline = Date.now() + START_DEADLINE_MS;
  for (;;) {
    const client = await RawClient.connect(port).catch(() => undefined);
    if (client !== undefined) {
      await client[Symbol.asyncDispose]();
      break;
    }
    if (Date.now() > deadline || child.exitCode !== null) throw new Error(`redis-server did not start on port ${port}:\n${log}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    port,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
