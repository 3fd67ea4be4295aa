import { expect, test } from 'vitest';
import { Bench } from './toxiproxy-bench.ts';
import type { Wire } from './toxiproxy-sockets.ts';

/** What a busy machine may add to any wait. Lower bounds have no such allowance but a timer's rounding. */
const SLACK_MS = 3000;
const ROUNDING_MS = 1;

function about(atLeastMs: number): (tookMs: number) => boolean {
  return (tookMs) => tookMs >= atLeastMs - ROUNDING_MS && tookMs < atLeastMs + SLACK_MS;
}

/** Time until all of `data` came back through an echoing upstream. */
async function roundTrip(client: Wire, data: string): Promise<number> {
  const before = client.byteCount;
  const startMs = performance.now();
  client.write(data);
  await client.received(before + data.length);
  return performance.now() - startMs;
}

export function toxicConformance(url: () => string): void {
  test.each(['upstream', 'downstream'])('P01 latency delays %s, on a connection that is already open', async (stream) => {
    await using bench = await Bench.set(url(), { echo: true });
    const { client } = await bench.connect();
    expect(await roundTrip(client, 'before')).toBeLessThan(150);
    await bench.add('latency', { latency: 200 }, { stream });
    expect(await roundTrip(client, 'after')).toSatisfy(about(200));
  });

  test('P01 latency acts on its own stream only', async () => {
    await using bench = await Bench.set(url());
    await bench.add('latency', { latency: 2000 }, { stream: 'downstream' });
    const { client, server } = await bench.connect();
    const startMs = performance.now();
    client.write('up');
    await server.received(2);
    expect(performance.now() - startMs).toBeLessThan(1500);
  });

  test('P01 latencies add up over toxics and streams', async () => {
    await using bench = await Bench.set(url(), { echo: true });
    await bench.add('latency', { latency: 60 }, { stream: 'downstream', name: 'one' });
    await bench.add('latency', { latency: 70 }, { stream: 'downstream', name: 'two' });
    await bench.add('latency', { latency: 80 }, { stream: 'upstream' });
    const { client } = await bench.connect();
    expect(await roundTrip(client, 'x')).toSatisfy(about(210));
  });

  test('P01 latency shifts pipelined chunks together instead of queueing them one behind the other', async () => {
    await using bench = await Bench.set(url());
    await bench.add('latency', { latency: 300 }, { stream: 'upstream' });
    const { client, server } = await bench.connect();
    const sentMs: number[] = [];
    for (let index = 0; index < 5; index++) {
      sentMs.push(performance.now());
      client.write('x');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await server.received(5);
    const lastMs = server.arrivals.at(-1)!.atMs - sentMs[4]!;
    expect(server.arrivals[0]!.atMs - sentMs[0]!).toBeGreaterThanOrEqual(299);
    expect(lastMs).toBeGreaterThanOrEqual(299);
    // One behind the other would be 5 × 300 ms after the first.
    expect(server.arrivals.at(-1)!.atMs - sentMs[0]!).toBeLessThan(1200);
  });

  test('P01 jitter stays within its bounds and varies', async () => {
    await using bench = await Bench.set(url(), { echo: true });
    await bench.add('latency', { latency: 60, jitter: 50 }, { stream: 'upstream' });
    const { client } = await bench.connect();
    const times: number[] = [];
    for (let index = 0; index < 12; index++) times.push(await roundTrip(client, 'x'));
    expect(Math.min(...times)).toBeGreaterThanOrEqual(9);
    expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(8);
  });

  test('P01 an update changes the delay of live connections, removal ends it and lets go what it holds', async () => {
    await using bench = await Bench.set(url(), { echo: true });
    const name = await bench.add('latency', { latency: 20 });
    const { client } = await bench.connect();
    await bench.update(name, { attributes: { latency: 250 } });
    expect(await roundTrip(client, 'slow')).toSatisfy(about(250));
    await bench.update(name, { attributes: { latency: 60_000 } });
    client.write('held');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(client.byteCount).toBe(4);
    await bench.remove(name);
    expect((await client.received(8)).toString()).toBe('slowheld');
    expect(await roundTrip(client, 'fast')).toBeLessThan(200);
  });

  test('P01 removal keeps the order of everything a latency holds', async () => {
    await using bench = await Bench.set(url());
    const name = await bench.add('latency', { latency: 60_000 }, { stream: 'upstream' });
    const { client, server } = await bench.connect();
    let text = '';
    for (let index = 0; index < 40; index++) {
      const piece = `<${index}>`;
      text += piece;
      client.write(piece);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await bench.remove(name);
    client.write('end');
    expect((await server.received(text.length + 3)).toString()).toBe(`${text}end`);
  });

  test('P01 bandwidth lets 5,000 bytes at 10 KB/s through in 100 ms pieces of 1,000', async () => {
    await using bench = await Bench.set(url());
    await bench.add('bandwidth', { rate: 10 }, { stream: 'upstream' });
    const { client, server } = await bench.connect();
    const startMs = performance.now();
    client.write(Buffer.alloc(5000));
    await server.received(1000);
    expect(performance.now() - startMs).toSatisfy(about(100));
    await server.received(5000);
    expect(performance.now() - startMs).toSatisfy(about(500));
    for (const { data } of server.arrivals) expect(data.length % 1000).toBe(0);
    expect(server.arrivals.length).toBeGreaterThan(1);
  });

  test('P01 bandwidth holds a rate above its pieces', async () => {
    await using bench = await Bench.set(url());
    await bench.add('bandwidth', { rate: 2000 }, { stream: 'downstream' });
    const { client, server } = await bench.connect();
    const startMs = performance.now();
    server.write(Buffer.alloc(1_000_000));
    await client.received(1_000_000);
    expect(performance.now() - startMs).toSatisfy(about(450));
  });

  test('P01 bandwidth 0 stalls, and its removal lets everything go', async () => {
    await using bench = await Bench.set(url());
    const name = await bench.add('bandwidth', { rate: 0 }, { stream: 'upstream' });
    const { client, server } = await bench.connect();
    client.write('stuck');
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect([server.byteCount, server.ending]).toEqual([0, undefined]);
    await bench.remove(name);
    expect((await server.received(5)).toString()).toBe('stuck');
  });

  test('P01 slow_close passes data at once and holds the end', async () => {
    await using bench = await Bench.set(url());
    await bench.add('slow_close', { delay: 300 }, { stream: 'upstream' });
    const { client, server } = await bench.connect();
    const startMs = performance.now();
    client.socket.end('data');
    await server.received(4);
    expect(performance.now() - startMs).toBeLessThan(250);
    expect(await server.ended()).toBe('fin');
    expect(server.endedAtMs - startMs).toSatisfy(about(300));
  });

  test('P01 removing slow_close ends the wait', async () => {
    await using bench = await Bench.set(url());
    const name = await bench.add('slow_close', { delay: 60_000 }, { stream: 'upstream' });
    const { client, server } = await bench.connect();
    client.socket.end('data');
    await server.received(4);
    await bench.remove(name);
    expect(await server.ended()).toBe('fin');
  });

  test('P01 timeout swallows data and closes both sides', async () => {
    await using bench = await Bench.set(url());
    await bench.add('timeout', { timeout: 200 }, { stream: 'upstream' });
    const startMs = performance.now();
    const { client, server } = await bench.connect();
    client.write('lost');
    expect(await server.ended()).toBe('fin');
    expect(await client.ended()).toBe('fin');
    expect(server.endedAtMs - startMs).toSatisfy(about(200));
    expect(server.byteCount).toBe(0);
  });

  test('P01 timeout counts from the last chunk', async () => {
    await using bench = await Bench.set(url());
    const { client, server } = await bench.connect();
    await bench.add('timeout', { timeout: 400 }, { stream: 'upstream' });
    let lastMs = 0;
    for (let index = 0; index < 12; index++) {
      client.write('tick');
      lastMs = performance.now();
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    expect(client.ending).toBeUndefined();
    await server.ended();
    expect(server.endedAtMs - lastMs).toSatisfy(about(400));
  });

  test('P01 timeout 0 holds the connection until it is removed, which closes it', async () => {
    await using bench = await Bench.set(url());
    const name = await bench.add('timeout', { timeout: 0 }, { stream: 'downstream' });
    const { client, server } = await bench.connect();
    server.write('lost');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect([client.byteCount, client.ending]).toEqual([0, undefined]);
    await bench.remove(name);
    expect(await client.ended()).toBe('fin');
    expect(client.byteCount).toBe(0);
  });

  test('P01 reset_peer resets both sides after the first chunk, which is lost', async () => {
    await using bench = await Bench.set(url());
    await bench.add('reset_peer', { timeout: 150 }, { stream: 'upstream' });
    const { client, server } = await bench.connect();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(client.ending).toBeUndefined();
    const startMs = performance.now();
    client.write('lost');
    expect(await client.ended()).toBe('ECONNRESET');
    expect(await server.ended()).toBe('ECONNRESET');
    expect(client.endedAtMs - startMs).toSatisfy(about(150));
    expect(server.byteCount).toBe(0);
  });

  test('P01 slicer cuts 40 bytes at 10 into four slices', async () => {
    await using bench = await Bench.set(url());
    await bench.add('slicer', { average_size: 10, size_variation: 0, delay: 60_000 }, { stream: 'upstream' });
    const { client, server } = await bench.connect();
    const startMs = performance.now();
    client.write('0123456789abcdefghij0123456789ABCDEFGHIJ');
    expect((await server.received(40)).toString()).toBe('0123456789abcdefghij0123456789ABCDEFGHIJ');
    expect(server.arrivals.map(({ data }) => data.length)).toEqual([10, 10, 10, 10]);
    expect(performance.now() - startMs).toSatisfy(about(180));
  });

  test('P01 slicer with variation loses nothing and makes slices of different sizes', async () => {
    await using bench = await Bench.set(url());
    await bench.add('slicer', { average_size: 50, size_variation: 30, delay: 5000 }, { stream: 'downstream' });
    const { client, server } = await bench.connect();
    const sent = Buffer.from(Array.from({ length: 2000 }, (_, index) => index % 256));
    server.write(sent);
    expect((await client.received(2000)).equals(sent)).toBe(true);
    expect(new Set(client.arrivals.map(({ data }) => data.length)).size).toBeGreaterThan(2);
  });

  test('P01 limit_data passes exactly its bytes, then closes', async () => {
    await using bench = await Bench.set(url());
    await bench.add('limit_data', { bytes: 100 }, { stream: 'downstream' });
    const { client, server } = await bench.connect();
    server.write(Buffer.alloc(60, 'a'));
    await client.received(60);
    server.write(Buffer.alloc(60, 'b'));
    expect(await client.ended()).toBe('fin');
    expect(client.bytes.toString()).toBe('a'.repeat(60) + 'b'.repeat(40));
  });

  test('P01 limit_data goes on counting through an update', async () => {
    await using bench = await Bench.set(url());
    const name = await bench.add('limit_data', { bytes: 1000 }, { stream: 'upstream' });
    const { client, server } = await bench.connect();
    client.write(Buffer.alloc(80));
    await server.received(80);
    await bench.update(name, { attributes: { bytes: 100 } });
    client.write(Buffer.alloc(50));
    expect(await server.ended()).toBe('fin');
    expect(server.byteCount).toBe(100);
  });

  test('P01 limit_data 0 closes at the first chunk, not before', async () => {
    await using bench = await Bench.set(url());
    await bench.add('limit_data', { bytes: 0 }, { stream: 'upstream' });
    const { client, server } = await bench.connect();
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(client.ending).toBeUndefined();
    client.write('x');
    expect(await server.ended()).toBe('fin');
    expect(server.byteCount).toBe(0);
  });

  test('P01 noop changes nothing', async () => {
    await using bench = await Bench.set(url(), { echo: true });
    await bench.add('noop', {}, { stream: 'upstream' });
    const { client } = await bench.connect();
    expect(await roundTrip(client, 'same')).toBeLessThan(200);
  });

  test('P01 toxicity 0 spares every connection, 1 none, and an update draws anew', async () => {
    await using bench = await Bench.set(url(), { echo: true });
    const name = await bench.add('latency', { latency: 200 }, { toxicity: 0 });
    const { client } = await bench.connect();
    expect(await roundTrip(client, 'spared')).toBeLessThan(150);
    await bench.update(name, { toxicity: 1 });
    expect(await roundTrip(client, 'chosen')).toSatisfy(about(200));
  });

  test('P01 toxicity 0.5 chooses some connections', async () => {
    await using bench = await Bench.set(url());
    await bench.add('limit_data', { bytes: 1 }, { stream: 'upstream', toxicity: 0.5 });
    let cut = 0;
    for (let index = 0; index < 40; index++) {
      const { client, server } = await bench.connect();
      client.write('ab');
      await server.received(1);
      const first = await Promise.race([server.received(2).then(() => 'spared', () => 'cut'), server.ended().then(() => 'cut')]);
      if (first === 'cut') cut += 1;
    }
    // Outside of this with a probability of 2 in 10,000,000.
    expect(cut).toBeGreaterThan(4);
    expect(cut).toBeLessThan(36);
  });

  test('P01 adding or removing the next toxic restarts its neighbour, which lets go the chunk in hand', async () => {
    await using bench = await Bench.set(url());
    await bench.add('latency', { latency: 60_000 }, { stream: 'upstream' });
    const { client, server } = await bench.connect();
    client.write('one');
    await new Promise((resolve) => setTimeout(resolve, 100));
    await bench.add('noop', {}, { stream: 'upstream', name: 'next' });
    await server.received(3);
    client.write('two');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(server.bytes.toString()).toBe('one');
    await bench.remove('next');
    expect((await server.received(6)).toString()).toBe('onetwo');
  });

  test('P01 toxics act in the order of insertion', async () => {
    await using bench = await Bench.set(url());
    await bench.add('limit_data', { bytes: 10 }, { stream: 'upstream', name: 'first' });
    await bench.add('latency', { latency: 200 }, { stream: 'upstream', name: 'second' });
    const { client, server } = await bench.connect();
    const startMs = performance.now();
    client.write(Buffer.alloc(30));
    await server.ended();
    // The end that limit_data makes queues behind the bytes that latency still holds.
    expect(server.byteCount).toBe(10);
    expect(server.endedAtMs - startMs).toSatisfy(about(200));
  });

  test('P01 data is whole while toxics come and go', async () => {
    await using bench = await Bench.set(url(), { echo: true });
    const { client } = await bench.connect();
    const sent = Buffer.alloc(3_000_000, Uint8Array.from({ length: 251 }, (_, index) => index));
    let offset = 0;
    for (let round = 0; round < 10; round++) {
      const stream = round % 2 === 0 ? 'upstream' : 'downstream';
      const names = [
        await bench.add('latency', { latency: 3 }, { stream, name: 'l' }),
        await bench.add('slicer', { average_size: 20_000, size_variation: 5000, delay: 10 }, { stream, name: 's' }),
        await bench.add('bandwidth', { rate: 100_000 }, { stream, name: 'b' }),
      ];
      client.write(sent.subarray(offset, (offset += 300_000)));
      await client.received(offset - 200_000);
      for (const name of names) await bench.remove(name);
    }
    expect((await client.received(sent.length)).equals(sent)).toBe(true);
  });
}
