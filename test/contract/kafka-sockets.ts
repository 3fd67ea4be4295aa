import { connect, type Socket } from 'node:net';
import type { ISocketFactory } from 'kafkajs';

/** Sockets of a client that can die the way a killed process does: all at once, without a goodbye, never to come back. */
export function mortalSockets(): { readonly factory: ISocketFactory; kill(): void } {
  const sockets = new Set<Socket>();
  let dead = false;
  return {
    factory: ({ host, port, onConnect }) => {
      const socket = connect({ host, port });
      // The client hears only of the end of its connection.
      if (dead) socket.destroy(new Error('this client is dead'));
      else socket.once('connect', onConnect);
      sockets.add(socket);
      return socket;
    },
    kill: () => {
      dead = true;
      for (const socket of sockets) socket.destroy(new Error('killed'));
    },
  };
}
