import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { createRng } from '../../../../src/core/rng.ts';
import { dispatch } from '../../../../src/infra/embedded/toxiproxy/api/dispatch.ts';
import { ProxyCollection } from '../../../../src/infra/embedded/toxiproxy/proxy-collection.ts';
import { startToxiproxy } from '../../../../src/infra/embedded/toxiproxy/server.ts';
import { ask, Bench } from '../../../contract/toxiproxy-bench.ts';
import { tryConnect, Wire } from '../../../contract/toxiproxy-sockets.ts';
import { VirtualClock } from '../../../helpers/virtual-clock.ts';

describe('server', () => {
  test('P01 binds to loopback and reports where', async () => {
    await using toxiproxy = await startToxiproxy();
    expect(toxiproxy.host).toBe('127.0.0.1');
    expect(toxiproxy.url).toBe(`http://127.0.0.1:${toxiproxy.port}`);
    expect((await ask(toxiproxy.url, 'GET', '/version')).json).toEqual({ version: '2.12.0' });
  });

  test('P01 a port in use is one sentence', async () => {
    await using first = await startToxiproxy();
    await expect(startToxiproxy({ port: first.port })).rejects.toThrow(/^The Toxiproxy API cannot listen on 127\.0\.0\.1:\d+: the port is in use/);
  });

  test('P01 close ends the API, the proxies, their connections and every timer', async () => {
    const clock = new VirtualClock();
    const toxiproxy = await startToxiproxy({ clock });
    const bench = await Bench.set(toxiproxy.url);
    await bench.add('latency', { latency: 60_000 }, { stream: 'upstream' });
    await bench.add('timeout', { timeout: 60_000 }, { stream: 'downstream' });
    const { client, server } = await bench.connect();
    client.write('held');
    while (clock.pendingTimers < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    await Promise.all([toxiproxy.close(), toxiproxy.close()]);
    expect(await client.ended()).toBe('fin');
    expect(await server.ended()).toBe('fin');
    expect(await tryConnect(bench.listen)).toBe('ECONNREFUSED');
    expect(await tryConnect(`${toxiproxy.host}:${toxiproxy.port}`)).toBe('ECONNREFUSED');
    expect(clock.pendingTimers).toBe(0);
    await bench.upstream[Symbol.asyncDispose]();
  });

  test('P01 connections that end are forgotten, whichever way they end', async () => {
    const clock = new VirtualClock();
    await using toxiproxy = await startToxiproxy({ clock });
    await using bench = await Bench.set(toxiproxy.url, { echo: true });
    await bench.add('latency', { latency: 60_000 }, { stream: 'upstream' });
    const endings = [
      (wire: Wire) => wire.socket.end(),
      (wire: Wire) => wire.socket.destroy(),
      (wire: Wire) => wire.socket.resetAndDestroy(),
    ];
    const clients: Wire[] = [];
    for (let index = 0; index < 30; index++) {
      const { client, server } = await bench.connect();
      clients.push(client);
      client.write('x');
      endings[index % 3]?.(index % 2 === 0 ? client : server);
    }
    for (let turn = 0; turn < 400 && (toxiproxy.stats()[0]?.connectionsOpen ?? 1) > 0; turn++) {
      await clock.advance(1000);
      // Whoever has seen the other's end closes too, as programs do.
      for (const wire of [...clients, ...bench.upstream.wires]) if (wire.ending !== undefined) wire.socket.end();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(toxiproxy.stats()[0]).toMatchObject({ connectionsAccepted: 30, connectionsOpen: 0 });
    expect(clock.pendingTimers).toBe(0);
  });

  test('P01 a request that breaks off harms nobody', async () => {
    await using toxiproxy = await startToxiproxy();
    const socket = connect(toxiproxy.port, toxiproxy.host);
    await once(socket, 'connect');
    socket.write('POST /proxies HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"name"');
    await new Promise((resolve) => setTimeout(resolve, 30));
    socket.destroy();
    expect((await ask(toxiproxy.url, 'GET', '/proxies')).json).toEqual({});
  });

  test('P01 a body beyond 8 MiB is refused', async () => {
    await using toxiproxy = await startToxiproxy();
    const answer = await ask(toxiproxy.url, 'POST', '/populate', 'x'.repeat(8 * 1024 * 1024 + 1));
    expect(answer.status).toBe(413);
  });

  test('P01 paths are cleaned by a redirect', async () => {
    await using toxiproxy = await startToxiproxy();
    const answer = await ask(toxiproxy.url, 'GET', '//proxies?x=1');
    expect([answer.status, answer.headers.get('location')]).toEqual([301, '/proxies?x=1']);
    expect((await ask(toxiproxy.url, 'GET', '/proxies/%zz')).status).toBe(400);
  });

  test('P01 a handler that takes 25 s is answered with 503', async () => {
    class Stuck extends ProxyCollection {
      override reset(): Promise<void> {
        return new Promise(() => undefined);
      }
    }
    const clock = new VirtualClock();
    const proxies = new Stuck({ clock, rng: createRng(1), strictCompatibility: false });
    const request = Object.assign(Readable.from([]), { method: 'POST', url: '/reset', headers: {} }) as unknown as IncomingMessage;
    const reply = dispatch({ proxies, clock, requestIdRng: createRng(2) }, request);
    let settled = false;
    void reply.then(() => {
      settled = true;
    });
    await clock.advance(24_999);
    expect(settled).toBe(false);
    await clock.advance(1);
    expect(await reply).toMatchObject({ status: 503, body: '' });
  });

  test('P01 changes to proxies run one after another', async () => {
    await using toxiproxy = await startToxiproxy();
    await using bench = await Bench.set(toxiproxy.url);
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => ask(toxiproxy.url, 'PATCH', bench.path, { enabled: index % 2 === 1 })));
    expect(answers.map((answer) => answer.status)).toEqual(Array.from({ length: 20 }, () => 200));
    expect(await tryConnect(bench.listen)).toBe(toxiproxy.stats()[0] === undefined ? 'gone' : (await ask(toxiproxy.url, 'GET', bench.path)).json.enabled ? 'connected' : 'ECONNREFUSED');
    const created = await Promise.all(Array.from({ length: 5 }, () => ask(toxiproxy.url, 'POST', '/proxies', { name: 'same', listen: '127.0.0.1:0', upstream: 'x:1' })));
    expect(created.map((answer) => answer.status).toSorted((left, right) => left - right)).toEqual([201, 409, 409, 409, 409]);
  });

  test('P01 an upstream that is no address closes the client', async () => {
    await using toxiproxy = await startToxiproxy();
    const { json } = await ask(toxiproxy.url, 'POST', '/proxies', { name: 'x', listen: '127.0.0.1:0', upstream: 'nothing' });
    using wire = await Wire.open(json.listen as string);
    expect(await wire.ended()).toBe('fin');
  });
});

/** A port whose queue of connections is full and never emptied: connecting to it hangs. */
async function hangingPort(): Promise<{ port: number; release(): void }> {
  const script = `require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () {
    require('node:fs').writeSync(1, String(this.address().port));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  })`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [data] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(data.toString());
  const fillers: Socket[] = [];
  for (let connected = true; connected; ) {
    const filler = connect(port, '127.0.0.1');
    fillers.push(filler);
    connected = await Promise.race([once(filler, 'connect').then(() => true), new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 300))]);
  }
  return {
    port,
    release: () => {
      for (const filler of fillers) filler.on('error', () => undefined).destroy();
      child.kill('SIGKILL');
    },
  };
}

describe('upstreams', () => {
  test('P01 an upstream that does not answer is given up after 30 s, and at once when the proxy goes', async () => {
    const clock = new VirtualClock();
    await using toxiproxy = await startToxiproxy({ clock });
    const hanging = await hangingPort();
    try {
      const { json } = await ask(toxiproxy.url, 'POST', '/proxies', { name: 'x', listen: '127.0.0.1:0', upstream: `127.0.0.1:${hanging.port}` });
      using patient = await Wire.open(json.listen as string);
      while (clock.pendingTimers < 1) await new Promise((resolve) => setTimeout(resolve, 5));
      await clock.advance(29_999);
      expect(patient.ending).toBeUndefined();
      await clock.advance(1);
      expect(await patient.ended()).toBe('fin');
      using dropped = await Wire.open(json.listen as string);
      while (clock.pendingTimers < 1) await new Promise((resolve) => setTimeout(resolve, 5));
      await ask(toxiproxy.url, 'DELETE', '/proxies/x');
      expect(await dropped.ended()).toBe('fin');
      expect(clock.pendingTimers).toBe(0);
    } finally {
      hanging.release();
    }
  });

  test('P01 a client that half-closed and then vanished takes its upstream connection with it', async () => {
    await using toxiproxy = await startToxiproxy();
    await using bench = await Bench.set(toxiproxy.url);
    const { client, server } = await bench.connect();
    client.socket.end('request');
    await server.ended();
    client.socket.resetAndDestroy();
    while (toxiproxy.stats()[0]?.connectionsOpen !== 0) {
      server.write('more of the answer');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(toxiproxy.stats()[0]?.connectionsOpen).toBe(0);
  });
});

describe('stages', () => {
  test('P01 an end that is held closes the connection when its sender has vanished meanwhile', async () => {
    const clock = new VirtualClock();
    await using toxiproxy = await startToxiproxy({ clock });
    await using bench = await Bench.set(toxiproxy.url);
    await bench.add('slow_close', { delay: 1000 }, { stream: 'upstream' });
    const { client, server } = await bench.connect();
    client.socket.end('request');
    await server.received(7);
    while (clock.pendingTimers === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    client.socket.resetAndDestroy();
    // A write to a client that is gone is how a proxy learns of it.
    for (let turn = 0; turn < 10; turn++) {
      server.write('answer');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(server.ending).toBeUndefined();
    await clock.advance(1000);
    while (toxiproxy.stats()[0]?.connectionsOpen !== 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await server.ended()).toBe('fin');
  });

  test('P01 a toxic that takes nothing holds its sender back', async () => {
    await using toxiproxy = await startToxiproxy();
    await using bench = await Bench.set(toxiproxy.url);
    await bench.add('bandwidth', { rate: 0 }, { stream: 'downstream' });
    const { server } = await bench.connect();
    server.write(Buffer.alloc(60_000_000));
    const received = (): number => toxiproxy.stats()[0]?.downstream.receivedBytes ?? 0;
    let before = -1;
    while (before !== received()) {
      before = received();
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    expect(received()).toBeGreaterThan(0);
    expect(received()).toBeLessThan(1_000_000);
  });

  test('P01 a toxic added behind one that is on its way out takes over what that holds', async () => {
    await using toxiproxy = await startToxiproxy();
    await using bench = await Bench.set(toxiproxy.url);
    await bench.add('noop', {}, { stream: 'downstream', name: 'leaving' });
    const { client, server } = await bench.connect();
    client.socket.pause();
    const sent = Buffer.alloc(30_000_000, Uint8Array.from({ length: 251 }, (_, index) => index));
    server.write(sent);
    let before = -1;
    while (before !== toxiproxy.stats()[0]?.downstream.sentBytes) {
      before = toxiproxy.stats()[0]?.downstream.sentBytes ?? 0;
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    await bench.remove('leaving');
    await bench.add('noop', {}, { stream: 'downstream', name: 'coming' });
    client.socket.resume();
    expect((await client.received(sent.length)).equals(sent)).toBe(true);
  });
});

describe('figures', () => {
  test('P01 figures of removed toxics do not pile up without end', async () => {
    await using toxiproxy = await startToxiproxy();
    await using bench = await Bench.set(toxiproxy.url);
    for (let index = 0; index < 260; index++) await bench.remove(await bench.add('noop', {}, { name: `n${index}` }));
    const names = toxiproxy.stats()[0]?.toxics.map((toxic) => toxic.name);
    expect([names?.length, names?.[0], names?.at(-1)]).toEqual([256, 'n4', 'n259']);
  });

  test('P01 bytes are counted for each direction and each toxic, and stay after its removal', async () => {
    await using toxiproxy = await startToxiproxy();
    await using bench = await Bench.set(toxiproxy.url, { echo: true, name: 'redis' });
    const swallow = await bench.add('limit_data', { bytes: 1000 }, { stream: 'downstream' });
    await bench.add('latency', { latency: 1 }, { stream: 'upstream', toxicity: 0 });
    const { client } = await bench.connect();
    client.write(Buffer.alloc(600));
    await client.received(600);
    client.write(Buffer.alloc(600));
    expect(await client.ended()).toBe('fin');
    await bench.remove(swallow);
    expect(toxiproxy.stats()).toEqual([
      {
        name: 'redis',
        connectionsAccepted: 1,
        connectionsOpen: expect.any(Number),
        upstream: { receivedBytes: 1200, sentBytes: 1200 },
        downstream: { receivedBytes: 1200, sentBytes: 1000 },
        toxics: [
          { name: 'latency_upstream', type: 'latency', direction: 'upstream', installed: true, bytesAffected: 0, connectionsAffected: 0 },
          { name: 'limit_data_downstream', type: 'limit_data', direction: 'downstream', installed: false, bytesAffected: 1200, connectionsAffected: 1 },
        ],
      },
    ]);
  });

  test('P01 the same figures are under /netra/stats, and nowhere in Toxiproxy\'s own answers', async () => {
    await using toxiproxy = await startToxiproxy();
    await using bench = await Bench.set(toxiproxy.url, { echo: true });
    await bench.add('slow_close', { delay: 1 });
    const { client } = await bench.connect();
    client.write('abc');
    await client.received(3);
    expect((await ask(toxiproxy.url, 'GET', '/netra/stats')).json).toEqual({ proxies: toxiproxy.stats() });
    const proxy = (await ask(toxiproxy.url, 'GET', bench.path)).json;
    expect(Object.keys(proxy)).toEqual(['name', 'listen', 'upstream', 'enabled', 'toxics']);
    expect(Object.keys(proxy.toxics[0])).toEqual(['attributes', 'name', 'type', 'stream', 'toxicity']);
  });

  test('P01 without toxics both figures are the bytes that passed', async () => {
    await using toxiproxy = await startToxiproxy();
    await using bench = await Bench.set(toxiproxy.url, { echo: true });
    const { client } = await bench.connect();
    client.write(Buffer.alloc(100_000));
    await client.received(100_000);
    expect(toxiproxy.stats()[0]).toMatchObject({
      upstream: { receivedBytes: 100_000, sentBytes: 100_000 },
      downstream: { receivedBytes: 100_000, sentBytes: 100_000 },
      toxics: [],
    });
  });
});
