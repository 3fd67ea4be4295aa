import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Bench } from './toxiproxy-bench.ts';
import type { ServerUnderTest } from './toxiproxy-conformance.ts';

/** What Toxiproxy 2.12 does and the embedded server does only with `strictCompatibility`. Every title begins with P01. */
export function toxiproxyDefects(name: string, start: () => Promise<ServerUnderTest>): void {
  describe(`Toxiproxy defects: ${name}`, () => {
    let server: ServerUnderTest;
    beforeAll(async () => {
      server = await start();
    });
    afterAll(() => server?.close());

    test('P01 defect: reset_peer added to an open connection ends it without a reset', async () => {
      await using bench = await Bench.set(server.url);
      const { client, server: upstream } = await bench.connect();
      await bench.add('reset_peer', { timeout: 0 }, { stream: 'downstream' });
      upstream.write('lost');
      expect(await client.ended()).toBe('fin');
      expect(client.byteCount).toBe(0);
    });

    test('P01 defect: a connection that reset_peer spares is reset when it closes', async () => {
      await using bench = await Bench.set(server.url);
      await bench.add('reset_peer', { timeout: 0 }, { stream: 'upstream', toxicity: 0 });
      const { client, server: upstream } = await bench.connect();
      client.write('data');
      await upstream.received(4);
      client.socket.end();
      expect(await upstream.ended()).toBe('ECONNRESET');
    });

    test('P01 defect: the first FIN closes both directions', async () => {
      await using bench = await Bench.set(server.url);
      const { client, server: upstream } = await bench.connect();
      client.socket.end('request');
      expect(await upstream.ended()).toBe('fin');
      expect(await client.ended()).toBe('fin');
    });

    test('P01 defect: removing a timeout closes connections that its toxicity had spared', async () => {
      await using bench = await Bench.set(server.url, { echo: true });
      const toxic = await bench.add('timeout', { timeout: 0 }, { toxicity: 0 });
      const { client } = await bench.connect();
      client.write('one');
      await client.received(3);
      await bench.remove(toxic);
      expect(await client.ended()).toBe('fin');
    });
  });
}
