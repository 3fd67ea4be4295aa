import { describe, expect, test } from 'vitest';
import { startToxiproxy, type RunningToxiproxy } from '../../../../src/infra/embedded/toxiproxy/server.ts';
import { ask, Bench } from '../../../contract/toxiproxy-bench.ts';
import type { Wire } from '../../../contract/toxiproxy-sockets.ts';

/** 'x' for each connection that a toxic of toxicity 0.5 cut, '.' for each it spared. */
async function pattern(toxiproxy: RunningToxiproxy, name: string, connections: number): Promise<string> {
  await using bench = await Bench.set(toxiproxy.url, { name });
  await bench.add('limit_data', { bytes: 1 }, { stream: 'upstream', toxicity: 0.5 });
  let marks = '';
  for (let index = 0; index < connections; index++) {
    const { client, server } = await bench.connect();
    client.socket.end('ab');
    await server.ended();
    marks += server.byteCount === 1 ? 'x' : '.';
  }
  return marks;
}

describe('what departs from Toxiproxy 2.12, and how strictCompatibility brings it back', () => {
  test('P01 one seed gives one pattern of chosen connections, another seed another', async () => {
    await using first = await startToxiproxy({ seed: 42 });
    await using again = await startToxiproxy({ seed: 42 });
    await using other = await startToxiproxy({ seed: 43 });
    const marks = await pattern(first, 'redis', 40);
    expect(await pattern(again, 'redis', 40)).toBe(marks);
    expect(await pattern(other, 'redis', 40)).not.toBe(marks);
    expect(marks).toMatch(/x/);
    expect(marks).toMatch(/\./);
  });

  test('P01 the pattern of one proxy does not depend on traffic through another', async () => {
    await using alone = await startToxiproxy({ seed: 'run' });
    await using busy = await startToxiproxy({ seed: 'run' });
    await pattern(busy, 'kafka', 7);
    expect(await pattern(busy, 'redis', 30)).toBe(await pattern(alone, 'redis', 30));
  });

  test('P01 a slicer with default attributes passes data on and leaves the server alive', async () => {
    for (const strictCompatibility of [false, true]) {
      await using toxiproxy = await startToxiproxy({ strictCompatibility });
      await using bench = await Bench.set(toxiproxy.url, { echo: true });
      await bench.add('slicer', {});
      await bench.add('slicer', { average_size: -5, size_variation: -1, delay: -1 }, { name: 'negative' });
      await bench.add('slicer', { average_size: 1, size_variation: 1000 }, { name: 'wild', stream: 'upstream' });
      const { client } = await bench.connect();
      client.write('a'.repeat(5000));
      expect((await client.received(5000)).toString()).toBe('a'.repeat(5000));
      expect((await ask(toxiproxy.url, 'GET', '/version')).status).toBe(200);
    }
  });

  test.each([
    { strictCompatibility: false, ending: 'ECONNRESET' },
    { strictCompatibility: true, ending: 'fin' },
  ])('P01 reset_peer on a connection that is already open ends it with $ending, strict $strictCompatibility', async ({ strictCompatibility, ending }) => {
    await using toxiproxy = await startToxiproxy({ strictCompatibility });
    await using bench = await Bench.set(toxiproxy.url);
    const { client, server } = await bench.connect();
    await bench.add('reset_peer', { timeout: 0 }, { stream: 'downstream' });
    server.write('lost');
    expect(await client.ended()).toBe(ending);
    expect(await server.ended()).toBe(ending);
    expect(client.byteCount).toBe(0);
  });

  test.each([
    { strictCompatibility: false, ending: 'fin' },
    { strictCompatibility: true, ending: 'ECONNRESET' },
  ])('P01 a connection that reset_peer spares closes with $ending, strict $strictCompatibility', async ({ strictCompatibility, ending }) => {
    await using toxiproxy = await startToxiproxy({ strictCompatibility });
    await using bench = await Bench.set(toxiproxy.url);
    await bench.add('reset_peer', { timeout: 0 }, { stream: 'upstream', toxicity: 0 });
    const { client, server } = await bench.connect();
    client.write('data');
    await server.received(4);
    client.socket.end();
    expect(await server.ended()).toBe(ending);
  });

  test('P01 a half-closed connection goes on in the other direction', async () => {
    await using toxiproxy = await startToxiproxy();
    await using bench = await Bench.set(toxiproxy.url);
    const { client, server } = await bench.connect();
    client.socket.end('request');
    expect(await server.ended()).toBe('fin');
    server.socket.end('a late answer');
    expect((await client.received(13)).toString()).toBe('a late answer');
    expect(await client.ended()).toBe('fin');
  });

  test('P01 strict: the first FIN closes both directions', async () => {
    await using toxiproxy = await startToxiproxy({ strictCompatibility: true });
    await using bench = await Bench.set(toxiproxy.url);
    const { client, server } = await bench.connect();
    client.socket.end('request');
    expect(await server.ended()).toBe('fin');
    expect(await client.ended()).toBe('fin');
  });

  test('P01 removing a timeout leaves alone what its toxicity had spared; strict closes it', async () => {
    await using toxiproxy = await startToxiproxy();
    await using bench = await Bench.set(toxiproxy.url, { echo: true });
    await using strict = await startToxiproxy({ strictCompatibility: true });
    await using strictBench = await Bench.set(strict.url, { echo: true });
    const clients: Wire[] = [];
    for (const each of [bench, strictBench]) {
      const name = await each.add('timeout', { timeout: 0 }, { toxicity: 0 });
      const { client } = await each.connect();
      client.write('one');
      await client.received(3);
      await each.remove(name);
      clients.push(client);
    }
    clients[0]?.write('two');
    expect((await clients[0]?.received(6))?.toString()).toBe('onetwo');
    expect(await clients[1]?.ended()).toBe('fin');
  });

  test('P01 removing reset_peer does not wait for the reset that has begun, and does not call it off', async () => {
    await using toxiproxy = await startToxiproxy();
    await using bench = await Bench.set(toxiproxy.url);
    const name = await bench.add('reset_peer', { timeout: 300 }, { stream: 'upstream' });
    const { client } = await bench.connect();
    client.write('lost');
    while (toxiproxy.stats()[0]?.toxics[0]?.bytesAffected !== 4) await new Promise((resolve) => setTimeout(resolve, 5));
    const startMs = performance.now();
    await bench.remove(name);
    expect(performance.now() - startMs).toBeLessThan(250);
    expect(await client.ended()).toBe('ECONNRESET');
  });

  test('P01 removal does not hang while the receiver reads nothing', async () => {
    await using toxiproxy = await startToxiproxy();
    await using bench = await Bench.set(toxiproxy.url);
    const name = await bench.add('slicer', { average_size: 1000 }, { stream: 'downstream' });
    const { client, server } = await bench.connect();
    client.socket.pause();
    const sent = Buffer.alloc(40_000_000, 'x');
    server.write(sent);
    while ((toxiproxy.stats()[0]?.downstream.sentBytes ?? 0) < 100_000) await new Promise((resolve) => setTimeout(resolve, 5));
    const startMs = performance.now();
    await bench.remove(name);
    expect(performance.now() - startMs).toBeLessThan(1000);
    client.socket.resume();
    expect((await client.received(sent.length)).equals(sent)).toBe(true);
  });

  test('P01 an update with a wrong part changes nothing', async () => {
    await using toxiproxy = await startToxiproxy();
    await using bench = await Bench.set(toxiproxy.url);
    await bench.add('latency', { latency: 5, jitter: 1 }, { name: 't' });
    expect((await ask(toxiproxy.url, 'PATCH', `${bench.path}/toxics/t`, { toxicity: 0.2, attributes: { latency: 9, jitter: 'x' } })).status).toBe(400);
    expect((await ask(toxiproxy.url, 'GET', `${bench.path}/toxics/t`)).json).toMatchObject({ toxicity: 1, attributes: { latency: 5, jitter: 1 } });
  });
});
