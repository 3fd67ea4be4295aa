import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface SocketPair extends AsyncDisposable {
  readonly client: Socket;
  readonly server: Socket;
}

/** A server on loopback; `open` connects to it straight or by way of another port. */
export async function startServer(): Promise<{ port: number; open(viaPort?: number): Promise<SocketPair>; close(): void }> {
  const listener = createServer({ noDelay: true });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  return {
    port,
    close: () => void listener.close(),
    async open(viaPort = port) {
      const accepted = once(listener, 'connection') as Promise<[Socket]>;
      const client = connect({ host: '127.0.0.1', port: viaPort, noDelay: true });
      await once(client, 'connect');
      const [server] = await accepted;
      return {
        client,
        server,
        async [Symbol.asyncDispose]() {
          const closed = [once(client, 'close'), once(server, 'close')];
          client.destroy();
          server.destroy();
          await Promise.all(closed);
        },
      };
    },
  };
}

/** Megabytes (10^6) a second from client to server. */
export async function throughput({ client, server }: SocketPair, megabytes: number): Promise<number> {
  const block = Buffer.alloc(256 * 1024);
  const total = megabytes * 1_000_000;
  let sent = 0;
  let arrived = 0;
  const startMs = performance.now();
  const done = new Promise<void>((resolve) => {
    server.on('data', (data: Buffer) => {
      arrived += data.length;
      if (arrived >= total) resolve();
    });
  });
  const pump = (): void => {
    while (sent < total) {
      sent += block.length;
      if (!client.write(block)) return;
    }
  };
  client.on('drain', pump);
  pump();
  await done;
  return arrived / 1_000_000 / ((performance.now() - startMs) / 1000);
}

/** Microseconds of each of `count` round trips of 64 bytes, the pair echoing. */
export async function roundTrips({ client, server }: SocketPair, count: number): Promise<number[]> {
  const message = Buffer.alloc(64);
  server.on('data', (data: Buffer) => server.write(data));
  const timesUs: number[] = [];
  await new Promise<void>((resolve) => {
    let sentMs = performance.now();
    client.on('data', () => {
      const nowMs = performance.now();
      timesUs.push((nowMs - sentMs) * 1000);
      if (timesUs.length >= count) return resolve();
      sentMs = performance.now();
      client.write(message);
    });
    client.write(message);
  });
  return timesUs;
}
