import type { AddressInfo, Server } from 'node:net';
import { InfraUnavailable } from '../error-codes.ts';
import type { Endpoint } from '../provider.ts';

/** Port 0 lets the system choose. Throws InfraUnavailable with one sentence where the address cannot be had. */
export async function listenOn(server: Server, what: string, host: string, port: number): Promise<Endpoint> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port }, () => {
        server.removeListener('error', reject);
        resolve();
      });
    });
  } catch (error) {
    throw new InfraUnavailable(`${what} cannot listen on ${host}:${port}: ${listenReason(error)}.`, { cause: error, context: { host, port } });
  }
  return { host, port: (server.address() as AddressInfo).port };
}

function listenReason(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return 'the port is in use by another program; stop that or choose another port';
    case 'EACCES':
      return 'the system does not allow this user to open the port; choose one above 1023';
    case 'EADDRNOTAVAIL':
      return 'this machine has no such address; use 127.0.0.1';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
