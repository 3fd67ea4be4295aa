import { createServer } from 'node:net';
import { asError } from '../../core/errors.ts';
import type { Finding } from './finding.ts';

/** Services and hosts listen on free loopback ports: what has to work is binding one. */
export async function portsCheck(): Promise<Finding> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    return { check: 'loopback ports', status: 'ok', detail: 'free ports can be had on 127.0.0.1; none is fixed' };
  } catch (error) {
    return { check: 'loopback ports', status: 'problem', detail: `127.0.0.1 cannot be listened on: ${asError(error).message}` };
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}
