import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { formatAddress, resolveAddress, type Address } from './address.ts';
import { ApiError } from './error-codes.ts';

/** A socket takes this much before it asks the sender to wait; below the size of one read every write would. */
export const SOCKET_BUFFER_BYTES = 256 * 1024;

const BIND_ERRORS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'address already in use',
  EADDRNOTAVAIL: 'cannot assign requested address',
  EACCES: 'permission denied',
};

export interface Listener {
  readonly address: string;
  /** From the return of this call on, new connections are refused. */
  close(): Promise<void>;
}

/** Listens on `host:port`; accepted sockets are paused until `resume`. Throws ApiError with Go's text. */
export async function listen(listenAddress: string, onClient: (socket: Socket) => void): Promise<Listener> {
  const address = await resolveAddress(listenAddress).catch((error: unknown) => {
    throw error instanceof ApiError ? new ApiError(`listen tcp: ${error.message}`, error.status, error) : error;
  });
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true, highWaterMark: SOCKET_BUFFER_BYTES }, onClient);
  await bind(server, address);
  const bound = server.address() as AddressInfo;
  return {
    address: formatAddress({ host: bound.address, port: bound.port }),
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}

async function bind(server: Server, address: Address): Promise<void> {
  server.listen(address.host === '' ? { port: address.port } : { host: address.host, port: address.port });
  try {
    await once(server, 'listening');
  } catch (error) {
    const code = String((error as NodeJS.ErrnoException).code);
    throw new ApiError(`listen tcp ${formatAddress(address)}: bind: ${BIND_ERRORS[code] ?? code}`, 500, error);
  }
}
