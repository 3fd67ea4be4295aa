import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer, type AddressInfo, type Socket } from 'node:net';

export type Misbehaviour = 'refused' | 'reset' | 'closed' | 'silent';

const behaviours: Record<Exclude<Misbehaviour, 'refused'>, (socket: Socket) => void> = {
  reset: (socket) => socket.once('data', () => socket.resetAndDestroy()),
  closed: (socket) => socket.once('data', () => socket.end()),
  silent: (socket) => socket.resume(),
};

export interface BadServer extends AsyncDisposable {
  readonly port: number;
}

/** A port where nobody listens, or a server that breaks, closes or ignores every connection once it is asked something. */
export async function badServer(misbehaviour: Misbehaviour): Promise<BadServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    // A reset that the client answers with one of its own is what is wanted here.
    socket.on('error', () => undefined);
    if (misbehaviour !== 'refused') behaviours[misbehaviour](socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const stop = async (): Promise<void> => {
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  if (misbehaviour !== 'refused') return { port, [Symbol.asyncDispose]: stop };
  await stop();
  return { port, [Symbol.asyncDispose]: async () => undefined };
}

export async function httpServer(listener: RequestListener): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createHttpServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** What `run` rejects with. */
export async function rejection(run: () => Promise<unknown>): Promise<unknown> {
  try {
    await run();
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
}
