import { createHash, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { ask, Bench } from './toxiproxy-bench.ts';
import { tryConnect, unusedAddress, Upstream, Wire } from './toxiproxy-sockets.ts';

const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

export function forwardingConformance(url: () => string): void {
  test('P01 bytes pass both ways', async () => {
    await using bench = await Bench.set(url());
    const { client, server } = await bench.connect();
    client.write('to the server');
    server.write('to the client, more');
    expect((await server.received(13)).toString()).toBe('to the server');
    expect((await client.received(19)).toString()).toBe('to the client, more');
  });

  test('P01 the upstream may speak first', async () => {
    await using bench = await Bench.set(url());
    const { client, server } = await bench.connect();
    server.write('220 ready');
    expect((await client.received(9)).toString()).toBe('220 ready');
  });

  test('P01 8 MB arrive whole in both directions at once', async () => {
    await using bench = await Bench.set(url(), { echo: true });
    const { client } = await bench.connect();
    const sent = randomBytes(8_000_000);
    client.write(sent);
    expect(digest(await client.received(sent.length))).toBe(digest(sent));
  });

  test('P01 a receiver that does not read holds the sender back', async () => {
    await using bench = await Bench.set(url());
    const { client, server } = await bench.connect();
    client.socket.pause();
    const block = randomBytes(64 * 1024);
    let sent = 0;
    // Kernel buffers of four sockets take some megabytes; 256 MB would mean that nothing holds back.
    while (sent < 256 * 1024 * 1024) {
      const accepted = await new Promise<boolean>((resolve) => {
        const timer = setTimeout(() => resolve(false), 400);
        server.socket.write(block, () => {
          clearTimeout(timer);
          resolve(true);
        });
      });
      sent += block.length;
      if (!accepted) break;
    }
    expect(sent).toBeLessThan(64 * 1024 * 1024);
    client.socket.resume();
    expect((await client.received(sent)).length).toBe(sent);
  });

  test('P01 connections do not mix', async () => {
    await using bench = await Bench.set(url(), { echo: true });
    const wires = await Promise.all(Array.from({ length: 50 }, () => Wire.open(bench.listen)));
    await Promise.all(
      wires.map(async (wire, index) => {
        wire.write(`this is number ${index}.`);
        const text = `this is number ${index}.`;
        expect((await wire.received(text.length)).toString()).toBe(text);
      }),
    );
    for (const wire of wires) wire[Symbol.dispose]();
  });

  test('P01 closing one side closes the other, after the data', async () => {
    await using bench = await Bench.set(url());
    const first = await bench.connect();
    first.client.socket.end('bye');
    expect((await first.server.received(3)).toString()).toBe('bye');
    expect(await first.server.ended()).toBe('fin');
    const second = await bench.connect();
    second.server.socket.end('over');
    expect((await second.client.received(4)).toString()).toBe('over');
    expect(await second.client.ended()).toBe('fin');
  });

  test('P01 with no upstream the client is accepted, then closed', async () => {
    const name = 'no-upstream';
    const created = await ask(url(), 'POST', '/proxies', { name, listen: '127.0.0.1:0', upstream: await unusedAddress() });
    try {
      using wire = await Wire.open(created.json.listen as string);
      expect(await wire.ended()).toBe('fin');
    } finally {
      await ask(url(), 'DELETE', `/proxies/${name}`);
    }
  });

  test('P01 down: live connections get a FIN on both sides, new ones are refused, until it is enabled again', async () => {
    await using bench = await Bench.set(url(), { echo: true });
    const { client, server } = await bench.connect();
    client.write('alive');
    await client.received(5);
    await bench.enable(false);
    expect(await client.ended()).toBe('fin');
    expect(await server.ended()).toBe('fin');
    expect(await tryConnect(bench.listen)).toBe('ECONNREFUSED');
    await bench.enable(true);
    expect(await tryConnect(bench.listen)).toBe('connected');
  });

  test('P01 deleting a proxy drops its connections', async () => {
    await using bench = await Bench.set(url());
    const { client, server } = await bench.connect();
    await ask(url(), 'DELETE', bench.path);
    expect(await client.ended()).toBe('fin');
    expect(await server.ended()).toBe('fin');
  });

  test('P01 a new upstream ends old connections and takes the new ones, on the same port', async () => {
    await using bench = await Bench.set(url());
    await using other = await Upstream.start({ echo: true });
    const { client } = await bench.connect();
    await ask(url(), 'PATCH', bench.path, { upstream: other.address });
    expect(await client.ended()).toBe('fin');
    using moved = await Wire.open(bench.listen);
    moved.write('hello');
    expect((await moved.received(5)).toString()).toBe('hello');
  });

  test('P01 an update that changes nothing keeps connections, also when it names the host otherwise', async () => {
    await using bench = await Bench.set(url(), { echo: true });
    const { client } = await bench.connect();
    await ask(url(), 'PATCH', bench.path, { listen: bench.listen.replace('127.0.0.1', 'localhost'), upstream: bench.upstream.address, enabled: true });
    client.write('still here');
    expect((await client.received(10)).toString()).toBe('still here');
  });
}
