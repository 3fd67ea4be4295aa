import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../../src/core/clock.ts';
import { engineSocket, instructReaper, reaperImage } from '../../../../src/infra/providers/containers/reaper.ts';
import { VirtualClock } from '../../../helpers/virtual-clock.ts';

const never = new AbortController().signal;

async function listening(onSocket: (socket: Socket, connection: number) => void): Promise<{ port: number } & AsyncDisposable> {
  let connections = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onSocket(socket, ++connections);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('the reaper', () => {
  it('F12 is told what to remove, again until it listens, and the connection stays', async () => {
    const told: string[] = [];
    await using ryuk = await listening((socket, connection) => {
      // The engine accepts for a container that does not listen yet, and closes or resets.
      if (connection === 1) return socket.end();
      if (connection === 2) return socket.resetAndDestroy();
      return socket.on('data', (data) => {
        told.push(String(data));
        socket.write('ACK\n');
      });
    });
    const connection = await instructReaper(ryuk.port, 's1', systemClock, never);
    expect(told).toEqual(['label=netra-resilience.start=s1\n']);
    expect(connection.destroyed).toBe(false);
    connection.destroy();
  });

  it('N07 one that never answers is given up', async () => {
    const clock = new VirtualClock();
    const asked = Promise.withResolvers<void>();
    await using ryuk = await listening((socket) => socket.once('data', () => asked.resolve()));
    const instructing = instructReaper(ryuk.port, 's1', clock, never);
    instructing.catch(() => undefined);
    await asked.promise;
    await clock.advance(10_000);
    await expect(instructing).rejects.toThrow('it did not answer within 10 s');
    expect(clock.pendingTimers).toBe(0);
  });

  it.each([
    [{}, 'testcontainers/ryuk:0.14.0'],
    [{ RYUK_CONTAINER_IMAGE: 'registry.test/ryuk:1' }, 'registry.test/ryuk:1'],
    [{ RYUK_CONTAINER_IMAGE: 'registry.test/ryuk:1', TESTCONTAINERS_RYUK_DISABLED: 'true' }, undefined],
  ])('F12 %j means image %s', (environment, image) => {
    expect(reaperImage(environment)).toBe(image);
  });

  it.each([
    [{}, '/run/user/7/docker.sock', 'Debian GNU/Linux', '/run/user/7/docker.sock'],
    [{}, '/home/x/.docker/desktop/docker.sock', 'Docker Desktop', '/var/run/docker.sock'],
    [{}, undefined, 'Debian GNU/Linux', '/var/run/docker.sock'],
    [{ TESTCONTAINERS_DOCKER_SOCKET_OVERRIDE: '/x.sock' }, '/var/run/docker.sock', 'Debian GNU/Linux', '/x.sock'],
  ])('F12 %j, %s on %s: it is given %s', (environment, path, operatingSystem, mounted) => {
    expect(engineSocket(environment, path, operatingSystem)).toBe(mounted);
  });
});
